/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cleanup.h"
#include "failure.h"
#include "inquiry.h"
#include "own-memory.h"
#include "remote.h"

void inquiry_done(Inquiry *inquiry) {
        answer_done(&inquiry->answer);
}

void inquiry_tell_direct(const Options *options) {
        static gboolean is_told = FALSE;

        if (options->verbose && !is_told)
                g_printerr("mymem: The service does not answer, reading the control groups directly.\n");
        is_told = TRUE;
}

int inquiry_open_machine(const Options *options, Machine **ret, char **ret_message) {
        const char *root = options->sysroot ? options->sysroot : "/";
        int root_fd, r;

        root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0) {
                *ret_message = g_strdup_printf("%s: %s", root, g_strerror(errno));
                return -EIO;
        }

        r = machine_new(root_fd, ret);
        if (r < 0)
                *ret_message = failure_describe(*ret, r);
        return r;
}

int inquiry_walk_units(
        const Options *options, WalkKind kind, InquiryUnit *tell, void *userdata, char **ret_message) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        _cleanup_(walk_freep) Walk *walk = NULL;
        WalkGroup group;
        int r;

        r = inquiry_open_machine(options, &machine, ret_message);
        if (r < 0)
                return r;

        if (kind == WALK_NAMES && options->user)
                r = walk_new_user(machine, getuid(), &walk);
        else
                r = walk_new(machine, kind, &walk);
        while (r >= 0 && (r = walk_next(walk, &group)) > 0)
                if (group.unit)
                        tell(machine, &group, userdata);
        if (r < 0)
                *ret_message = failure_describe(machine, r);
        return r;
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

static int inquire_directly(const Options *options, const Target *target, Inquiry *ret, char **ret_message) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        Inquiry inquiry = { 0 };
        int r;

        r = inquiry_open_machine(options, &machine, ret_message);
        if (r < 0)
                return r;

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

/* Hands over what was asked; returns as ask_snapshot() does, whose result 'r' is. */
static int take_asked(int r, Asked *asked, Inquiry *ret, char **ret_message) {
        if (r > 0) {
                *ret = (Inquiry) { .answer = { asked->snapshot, asked->source } };
                asked->snapshot = NULL;
        }
        if (r < 0)
                *ret_message = take_ptr(&asked->sentence);
        return r;
}

/* Asks the service here; returns as ask_snapshot() does. */
static int inquire_of_service(const Target *target, AskNeeds needs, Inquiry *ret, char **ret_message) {
        bool is_own_memory = needs == ASK_MEMORY && target->kind == TARGET_SELF;
        _cleanup_(asked_done) Asked asked = { 0 };
        int r;

        r = ask_in_way(is_own_memory ? own_memory_ask : ask_over, target, needs, &asked);
        return take_asked(r, &asked, ret, ret_message);
}

/* Asks the service elsewhere, where we cannot read for ourselves. */
static int inquire_remotely(
        const Options *options, const Target *target, AskNeeds needs, Inquiry *ret, char **ret_message) {
        _cleanup_(connection_done) Connection connection = { 0 };
        _cleanup_(asked_done) Asked asked = { 0 };
        int r;

        r = remote_open(options, &connection, ret_message);
        if (r < 0)
                return r;

        r = ask_over(&connection, target, needs, &asked);
        r = take_asked(r, &asked, ret, ret_message);
        if (r != 0)
                return r < 0 ? r : 0;

        *ret_message = g_strdup_printf("%s: %s",
                                       options->host ? options->host : options->machine,
                                       asked.refusal == 0     ? "The service does not answer." :
                                               asked.sentence ? asked.sentence :
                                                                g_strerror(-asked.refusal));
        return asked.refusal < 0 ? asked.refusal : -EIO;
}

int inquiry_make(
        const Options *options, const Target *target, AskNeeds needs, Inquiry *ret, char **ret_message) {
        g_autofree char *message = NULL;
        int r, asked;

        if (remote_is_wanted(options))
                return inquire_remotely(options, target, needs, ret, ret_message);
        if (options->direct || options->sysroot || target->kind == TARGET_USER_UNIT)
                return inquire_directly(options, target, ret, ret_message);

        if (target->kind != TARGET_PROCESS) {
                r = inquire_of_service(target, needs, ret, ret_message);
                if (r != 0)
                        return r < 0 ? r : 0;
                inquiry_tell_direct(options);
                return inquire_directly(options, target, ret, ret_message);
        }

        /* A process is more than its unit's object on the bus: it may be in a group below, and has limits of
         * its own. So the service is asked only where we are not let see it. */
        r = inquire_directly(options, target, ret, &message);
        if (r >= 0)
                return 0;
        asked = inquire_of_service(target, needs, ret, ret_message);
        if (asked != 0)
                return asked < 0 ? asked : 0;

        *ret_message = g_steal_pointer(&message);
        return r;
}
