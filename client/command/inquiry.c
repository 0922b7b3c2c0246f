/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>

#include "cleanup.h"
#include "failure.h"
#include "inquiry.h"

void inquiry_done(Inquiry *inquiry) {
        answer_done(&inquiry->answer);
}

/* A process may be stopped by its own limits before its unit is by the unit's. */
static int add_rlimits(Machine *machine, const Target *target, Inquiry *inquiry) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        int r;

        r = target_open_process(machine, target, &process);
        if (r >= 0)
                r = rlimits_read(machine, &process, &inquiry->rlimits);
        if (r == -ENODATA)
                return 0;
        if (r < 0)
                return r;

        inquiry->has_rlimits = TRUE;
        return answer_bind(&inquiry->answer, &inquiry->rlimits);
}

/* Reads the machine below 'sysroot' oneself. */
static int inquire_directly(const Target *target, const char *sysroot, Inquiry *ret, char **ret_message) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        Inquiry inquiry = { 0 };
        int root_fd, r;

        root_fd = open(sysroot ? sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0) {
                *ret_message = g_strdup_printf("%s: %s", sysroot ? sysroot : "/", g_strerror(errno));
                return -EIO;
        }

        r = machine_new(root_fd, &machine);
        if (r >= 0)
                r = answer_read(machine, target, &inquiry.answer);
        if (r >= 0 && target->kind == TARGET_PROCESS)
                r = add_rlimits(machine, target, &inquiry);
        if (r < 0) {
                *ret_message = failure_describe(machine, r);
                inquiry_done(&inquiry);
                return r;
        }

        *ret = inquiry;
        return 0;
}

/* Asks the service; returns as ask_snapshot() does. */
static int inquire_of_service(const Target *target, Inquiry *ret, char **ret_message) {
        _cleanup_(asked_done) Asked asked = { 0 };
        int r;

        r = ask_snapshot(target, ASK_ALL, &asked);
        if (r > 0) {
                *ret = (Inquiry) { .answer = { asked.snapshot, asked.source } };
                asked.snapshot = NULL;
        }
        if (r < 0)
                *ret_message = take_ptr(&asked.sentence);
        return r;
}

int inquiry_make(
        const Target *target, gboolean direct, const char *sysroot, Inquiry *ret, char **ret_message) {
        g_autofree char *message = NULL;
        int r, asked;

        if (direct || sysroot)
                return inquire_directly(target, sysroot, ret, ret_message);

        if (target->kind != TARGET_PROCESS) {
                r = inquire_of_service(target, ret, ret_message);
                return r == 0 ? inquire_directly(target, NULL, ret, ret_message) : r < 0 ? r : 0;
        }

        /* A process is more than its unit's object on the bus: it may be in a group below, and has limits of
         * its own. So the service is asked only where we are not let see it. */
        r = inquire_directly(target, NULL, ret, &message);
        if (r >= 0)
                return 0;
        asked = inquire_of_service(target, ret, ret_message);
        if (asked != 0)
                return asked < 0 ? asked : 0;

        *ret_message = g_steal_pointer(&message);
        return r;
}
