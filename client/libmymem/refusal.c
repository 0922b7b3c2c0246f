/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "names.h"
#include "refusal.h"

/* <mymem.h> documents them. */
static const struct {
        const char *name;
        int r;
        bool is_final;
} refusals[] = {
        { MYMEM_ERROR_NO_SUCH_PROCESS, -ESRCH, true },
        { MYMEM_ERROR_NO_SUCH_UNIT, -ENOENT, true },
        { MYMEM_ERROR_UNIT_VANISHED, -ENODEV, true },
        { MYMEM_ERROR_NO_MEMORY_CONTROLLER, -ENODATA, false },
        { MYMEM_ERROR_UNKNOWN_CALLER, -ENXIO, false },
        { MYMEM_ERROR_NOT_SUPPORTED, -EOPNOTSUPP, false },
        { MYMEM_ERROR_LIMITS_EXCEEDED, -EBUSY, false },
        { SD_BUS_ERROR_ACCESS_DENIED, -EACCES, false },
        { SD_BUS_ERROR_INVALID_ARGS, -EINVAL, false },
};

int refusal_from_error(const char *name, bool *ret_final) {
        assert(name);
        assert(ret_final);

        *ret_final = false;
        for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
                if (strcmp(refusals[i].name, name) == 0) {
                        *ret_final = refusals[i].is_final;
                        return refusals[i].r;
                }

        return 0;
}
