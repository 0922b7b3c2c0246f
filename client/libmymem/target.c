/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>

#include "cleanup.h"
#include "target.h"
#include "walk.h"

bool target_is_process(const Target *target) {
        assert(target);

        return target->kind == TARGET_SELF || target->kind == TARGET_PROCESS ||
                target->kind == TARGET_DESCRIPTOR;
}

int target_open_process(Machine *machine, const Target *target, Process *ret) {
        assert(machine);
        assert(target_is_process(target));
        assert(ret);

        if (target->kind == TARGET_DESCRIPTOR)
                return process_open_pidfd(machine, target->pidfd, ret);
        if (target->kind == TARGET_PROCESS && target->pid != 0)
                return process_open(machine, target->pid, ret);

        return process_open_self(machine, ret);
}

int target_open_subject(Machine *machine, const Target *target, Subject *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_free_ char *path = NULL;
        int r;

        assert(machine);
        assert(target);
        assert(ret);

        if (target->kind == TARGET_CONTROL_GROUP)
                return subject_open_group(machine, target->name, ret);

        if (target->kind == TARGET_UNIT || target->kind == TARGET_USER_UNIT) {
                r = target->kind == TARGET_UNIT ?
                        walk_find_unit(machine, target->name, &path) :
                        walk_find_user_unit(machine, getuid(), target->name, &path);
                return r < 0 ? r : subject_open_unit(machine, path, ret);
        }

        r = target_open_process(machine, target, &process);
        return r < 0 ? r : subject_open_process(machine, &process, ret);
}
