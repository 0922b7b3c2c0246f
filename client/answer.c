/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>

#include "answer.h"
#include "ask.h"
#include "cleanup.h"
#include "failure.h"
#include "size.h"
#include "walk.h"

const char *answer_source_to_string(AnswerSource source) {
        static const char *const names[] = { [ANSWER_BUS] = "bus", [ANSWER_CGROUP] = "cgroup" };

        return names[source];
}

void answer_done(Answer *answer) {
        g_clear_pointer(&answer->snapshot, snapshot_free);
}

static int open_process(Machine *machine, const Target *target, Process *ret) {
        /* As on the bus, the PID 0 is oneself. */
        if (target->kind == TARGET_SELF || target->pid == 0)
                return process_open_self(machine, ret);

        return process_open(machine, target->pid, ret);
}

static int open_subject(Machine *machine, const Target *target, Subject *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_free_ char *path = NULL;
        int r;

        switch (target->kind) {
        case TARGET_CONTROL_GROUP:
                return subject_open_group(machine, target->name, ret);
        case TARGET_UNIT:
                r = walk_find_unit(machine, target->name, &path);
                return r < 0 ? r : subject_open_unit(machine, path, ret);
        default:
                r = open_process(machine, target, &process);
                return r < 0 ? r : subject_open_process(machine, &process, ret);
        }
}

static int read_here(Machine *machine, const Target *target, Snapshot **ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        r = open_subject(machine, target, &subject);
        if (r < 0)
                return r;

        return snapshot_take(machine, &subject, ret);
}

static void bind_available(Snapshot *snapshot, uint64_t limit, uint64_t used, const char *by) {
        if (limit == SIZE_UNLIMITED || size_less(limit, used) >= snapshot->available)
                return;

        snapshot->available = size_less(limit, used);
        free(snapshot->available_by);
        snapshot->available_by = g_strdup(by);
}

/* A process may be stopped by its own limits before its unit is by the unit's. */
static int add_rlimits(Machine *machine, const Target *target, Answer *answer) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        int r;

        r = open_process(machine, target, &process);
        if (r >= 0)
                r = rlimits_read(machine, &process, &answer->rlimits);
        if (r == -ENODATA)
                return 0;
        if (r < 0)
                return r;

        answer->has_rlimits = TRUE;
        bind_available(answer->snapshot,
                       answer->rlimits.address_space,
                       answer->rlimits.address_space_used,
                       "RLIMIT_AS");
        bind_available(answer->snapshot, answer->rlimits.data, answer->rlimits.data_used, "RLIMIT_DATA");
        return 0;
}

/* Reads the machine below 'sysroot' oneself. */
static int answer_directly(const Target *target, const char *sysroot, Answer *ret, char **ret_message) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        Answer answer = { .source = ANSWER_CGROUP };
        int root_fd, r;

        root_fd = open(sysroot ? sysroot : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0) {
                *ret_message = g_strdup_printf("%s: %s", sysroot ? sysroot : "/", g_strerror(errno));
                return -EIO;
        }

        r = machine_new(root_fd, &machine);
        if (r >= 0)
                r = read_here(machine, target, &answer.snapshot);
        if (r >= 0 && target->kind == TARGET_PROCESS)
                r = add_rlimits(machine, target, &answer);
        if (r < 0) {
                *ret_message = failure_describe(machine, r);
                answer_done(&answer);
                return r;
        }

        *ret = answer;
        return 0;
}

/* Asks the service; returns as ask_snapshot() does. */
static int answer_from_service(const Target *target, Answer *ret, char **ret_message) {
        Answer answer = { .source = ANSWER_BUS };
        int r;

        r = ask_snapshot(target, &answer.snapshot, ret_message);
        if (r > 0)
                *ret = answer;
        return r;
}

int answer_get(const Target *target, gboolean direct, const char *sysroot, Answer *ret, char **ret_message) {
        g_autofree char *message = NULL;
        int r, asked;

        if (direct || sysroot)
                return answer_directly(target, sysroot, ret, ret_message);

        if (target->kind != TARGET_PROCESS) {
                r = answer_from_service(target, ret, ret_message);
                return r == 0 ? answer_directly(target, NULL, ret, ret_message) : r < 0 ? r : 0;
        }

        /* A process is more than its unit's object on the bus: it may be in a group below, and has limits of
         * its own. So the service is asked only where we are not let see it. */
        r = answer_directly(target, NULL, ret, &message);
        if (r >= 0)
                return 0;
        asked = answer_from_service(target, ret, ret_message);
        if (asked != 0)
                return asked < 0 ? asked : 0;

        *ret_message = g_steal_pointer(&message);
        return r;
}
