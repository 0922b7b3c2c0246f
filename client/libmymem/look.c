/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "answer.h"
#include "bound.h"
#include "cleanup.h"
#include "look.h"
#include "size.h"

/* What truly nothing limits has the machine. */
static int look_at_machine(Machine *machine, const Target *target, Answer *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        Meminfo meminfo;
        int r;

        snapshot = calloc(1, sizeof(*snapshot));
        if (!snapshot)
                return -ENOMEM;

        r = target_open_process(machine, target, &process);
        if (r >= 0)
                r = subject_is_unaccounted(machine, &process, &snapshot->id);
        if (r <= 0)
                return r < 0 ? r : -ENODATA;
        r = machine_read_meminfo(machine, &meminfo);
        if (r < 0)
                return r;

        snapshot->limit = meminfo.total;
        snapshot->available = meminfo.available;
        snapshot->usage = snapshot->working_set = SIZE_UNKNOWN;
        snapshot->control_group = strdup("");
        snapshot->available_by = strdup("/");
        if (!snapshot->control_group || !snapshot->available_by)
                return -ENOMEM;

        *ret = (Answer) { take_ptr(&snapshot), MYMEM_SOURCE_PROC };
        return 0;
}

static int look_directly(const Target *target, Answer *ret) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        int root_fd, r;

        root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0)
                return -errno;

        r = machine_new(root_fd, &machine);
        if (r >= 0)
                r = answer_read(machine, target, ret);
        if (r == -ENODATA && target_is_process(target))
                r = look_at_machine(machine, target, ret);

        return r == -ENOMEDIUM ? -ENODATA : r;
}

/* If neither the service nor we know, then the service's reason is the better one, unless there is nothing
 * to know about. */
static int choose_error(int read, int refusal) {
        return refusal == 0 || read == -ESRCH || read == -ENOENT || read == -ENODEV ? read : refusal;
}

static int look_anywhere(const Target *target, Answer *ret) {
        _cleanup_(asked_done) Asked asked = { 0 };
        int r;

        r = ask_snapshot(target, ASK_ESSENTIALS, &asked);
        if (r < 0)
                return r;
        if (r > 0) {
                *ret = (Answer) { take_ptr(&asked.snapshot), asked.source };
                return 0;
        }

        r = look_directly(target, ret);
        return r < 0 ? choose_error(r, asked.refusal) : 0;
}

/* What is longer is not known, rather than another name. */
static void copy_text(char *to, size_t size, const char *from) {
        if (strlen(from) < size)
                memcpy(to, from, strlen(from) + 1);
}

int look(const Target *target, struct mymem *ret) {
        _cleanup_(answer_done) Answer answer = { 0 };
        Rlimits rlimits = { SIZE_UNLIMITED, SIZE_UNLIMITED, SIZE_UNKNOWN, SIZE_UNKNOWN };
        int r;

        assert(target);
        assert(ret);

        r = look_anywhere(target, &answer);
        if (r < 0)
                return r;
        if (target->kind == TARGET_SELF) {
                rlimits_read_own(&rlimits);
                r = answer_bind(&answer, &rlimits);
                if (r < 0)
                        return r;
        }

        *ret = (struct mymem) {
                .limit = answer.snapshot->limit,
                .usage = answer.snapshot->usage,
                .working_set = answer.snapshot->working_set,
                .available = answer.snapshot->available,
                .rlimit_as = rlimits.address_space,
                .rlimit_data = rlimits.data,
                .source = answer.source,
                .available_by = bound_from_snapshot(answer.snapshot),
        };
        copy_text(ret->unit, sizeof(ret->unit), answer.snapshot->id);
        copy_text(ret->control_group, sizeof(ret->control_group), answer.snapshot->control_group);
        return 0;
}
