/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "keyed.h"
#include "line.h"
#include "meminfo.h"
#include "size.h"

static const KeyedField fields[] = {
        KEYED_FIELD("MemTotal:", Meminfo, total),
        KEYED_FIELD("MemAvailable:", Meminfo, available),
        KEYED_FIELD("SwapTotal:", Meminfo, swap_total),
        KEYED_FIELD("SwapFree:", Meminfo, swap_free),
};

int meminfo_parse(const char *text, Meminfo *ret) {
        Meminfo meminfo = { SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN, SIZE_UNKNOWN };

        assert(text);
        assert(ret);

        for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
                const char *value = line_find(text, fields[i].key);
                int r;

                if (!value)
                        continue;
                r = line_parse_kibibytes(value, (uint64_t *) ((char *) &meminfo + fields[i].offset));
                if (r < 0)
                        return r;
        }

        if (meminfo.total == SIZE_UNKNOWN || meminfo.available == SIZE_UNKNOWN)
                return -EBADMSG;

        *ret = meminfo;
        return 0;
}
