/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>

#include "cleanup.h"
#include "failure-reply.h"
#include "failure.h"
#include "names.h"

static const struct {
        int r;
        const char *name;
        const char *sentence; /* NULL if the engine has a better one, which names a file or a group */
} errors[] = {
        { -ESRCH, MYMEM_ERROR_NO_SUCH_PROCESS, NULL },
        { -ENOENT, MYMEM_ERROR_NO_SUCH_UNIT, NULL },
        { -ENODEV, MYMEM_ERROR_UNIT_VANISHED, NULL },
        { -ENODATA, MYMEM_ERROR_NO_MEMORY_CONTROLLER, NULL },
        { -ERROR_UNKNOWN_CALLER,
          MYMEM_ERROR_UNKNOWN_CALLER,
          "The bus cannot tell which process is calling." },
        { -ERROR_NOT_SUPPORTED,
          MYMEM_ERROR_NOT_SUPPORTED,
          "A process cannot be named by number here; 0 is the caller itself, a descriptor names any." },
        { -ERROR_HIDDEN,
          MYMEM_ERROR_NOT_SUPPORTED,
          "The service cannot see the processes of other users (hidepid= of /proc)." },
        { -ERROR_LIMITS_EXCEEDED,
          MYMEM_ERROR_LIMITS_EXCEEDED,
          "Too many calls are waiting; try again later." },
        { -ERROR_TOO_LARGE,
          MYMEM_ERROR_LIMITS_EXCEEDED,
          "A call of that size, or with that many descriptors, is not taken." },
        { -E2BIG, MYMEM_ERROR_NOT_SUPPORTED, NULL },
        { -EREMOTE, MYMEM_ERROR_NOT_SUPPORTED, NULL },
        { -EOPNOTSUPP,
          MYMEM_ERROR_NOT_SUPPORTED,
          "There are no files here that can be handed out for these figures." },
        { -EINVAL, SD_BUS_ERROR_INVALID_ARGS, NULL },
        { -ENOMEM, SD_BUS_ERROR_NO_MEMORY, "The service is out of memory." },
};

int failure_set_error(const Machine *machine, int r, sd_bus_error *error) {
        _cleanup_free_ char *text = NULL;
        const char *name = SD_BUS_ERROR_FAILED, *sentence = NULL;

        assert(machine);
        assert(r < 0);
        assert(error);

        for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
                if (errors[i].r == r) {
                        name = errors[i].name;
                        sentence = errors[i].sentence;
                }

        if (!sentence)
                sentence = text = failure_describe(machine, r);
        return sd_bus_error_set(error, name, sentence);
}

int failure_reply(const Machine *machine, int r, sd_bus_message *message) {
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;

        assert(message);

        (void) failure_set_error(machine, r, &error);
        r = sd_bus_reply_method_error(message, &error);
        /* What kept it from being sent may have passed; if it is not sent at all, somebody waits in vain. */
        return r < 0 ? sd_bus_reply_method_error(message, &error) : r;
}

int failure_reply_frame(const Machine *machine, int r, sd_bus *bus, const Frame *frame) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        int made;

        assert(bus);
        assert(frame);

        /* A reply takes no more of a call than its sender and its number. */
        made = sd_bus_message_new_method_call(bus, &call, NULL, "/", NULL, "Refused");
        if (made >= 0)
                made = sd_bus_message_set_sender(call, frame->sender);
        if (made >= 0)
                made = sd_bus_message_seal(call, frame_serial(frame), 0);

        return made < 0 ? made : failure_reply(machine, r, call);
}
