/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "answer.h"
#include "bound.h"
#include "cleanup.h"
#include "layout.h"
#include "look.h"
#include "property.h"
#include "size.h"

/* What truly nothing limits has the machine. */
static int look_at_machine(Machine *machine, const Target *target, Answer *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        _cleanup_free_ char *unit = NULL, *by = NULL;
        Meminfo meminfo;
        int r;

        r = target_open_process(machine, target, &process);
        if (r >= 0)
                r = subject_is_unaccounted(machine, &process, &unit);
        if (r <= 0)
                return r < 0 ? r : -ENODATA;

        r = machine_read_meminfo(machine, &meminfo);
        if (r < 0)
                return r;

        snapshot = property_new_snapshot();
        by = strdup("/");
        if (!snapshot || !by)
                return -ENOMEM;

        snapshot->limit = meminfo.total;
        snapshot->available = meminfo.available;
        free(snapshot->available_by);
        snapshot->available_by = take_ptr(&by);
        free(snapshot->id);
        snapshot->id = take_ptr(&unit);
        ret->snapshot = take_ptr(&snapshot);
        ret->source = MYMEM_SOURCE_PROC;
        return 0;
}

static int look_directly(const Target *target, Answer *ret) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        int r;

        r = machine_new_here(&machine);
        if (r >= 0)
                r = answer_read(machine, target, ret);
        if (r == -ENODATA && target_is_process(target))
                r = look_at_machine(machine, target, ret);

        if (r == -EREMOTE)
                return -EOPNOTSUPP;
        return r == -ENOMEDIUM ? -ENODATA : r;
}

/* If neither the service nor we know, then the service's reason is the better one, unless there is nothing
 * to know about. */
static int choose_error(int read, int refusal) {
        bool is_about_target = read == -ESRCH || read == -ENOENT || read == -ENODEV;

        return refusal < 0 && !is_about_target ? refusal : read;
}

static int look_anywhere(const Target *target, Answer *ret) {
        _cleanup_(asked_done) Asked asked = { 0 };
        int r;

        r = ask_snapshot(target, ASK_ESSENTIALS, &asked);
        if (r < 0)
                return r;
        if (r > 0) {
                ret->snapshot = take_ptr(&asked.snapshot);
                ret->source = asked.source;
                return 0;
        }

        r = look_directly(target, ret);
        return r < 0 ? choose_error(r, asked.refusal) : 0;
}

static void fill(const Answer *answer, struct mymem *ret) {
        const Snapshot *snapshot = answer->snapshot;

        *ret = (struct mymem) {
                .limit = snapshot->limit,
                .usage = snapshot->usage,
                .working_set = snapshot->working_set,
                .available = snapshot->available,
                .rlimit_as = MYMEM_UNKNOWN,
                .rlimit_data = MYMEM_UNKNOWN,
                .source = answer->source,
                .available_by = bound_from_snapshot(snapshot),
        };
        layout_set_text(ret->unit, sizeof(ret->unit), snapshot->id);
        layout_set_text(ret->control_group, sizeof(ret->control_group), snapshot->control_group);
}

int look_at_rlimits(struct mymem *memory) {
        Rlimits rlimits;
        int r;

        assert(memory);

        r = rlimits_read_own(&rlimits);
        if (r < 0)
                return r;

        memory->rlimit_as = rlimits.address_space;
        memory->rlimit_data = rlimits.data;
        switch (rlimits_bind(&rlimits, &memory->available)) {
        case RLIMITS_BIND_ADDRESS_SPACE:
                memory->available_by = MYMEM_BY_RLIMIT_AS;
                break;
        case RLIMITS_BIND_DATA:
                memory->available_by = MYMEM_BY_RLIMIT_DATA;
                break;
        default:
                break;
        }
        return 0;
}

static int look_with(int (*get)(const Target *target, Answer *ret),
                     const Target *target,
                     struct mymem *ret) {
        _cleanup_(answer_done) Answer answer = { 0 };
        int r;

        assert(target);
        assert(ret);

        r = get(target, &answer);
        if (r < 0)
                return r;

        fill(&answer, ret);
        return target->kind == TARGET_SELF ? look_at_rlimits(ret) : 0;
}

int look(const Target *target, struct mymem *ret) {
        return look_with(look_anywhere, target, ret);
}

int look_here(const Target *target, struct mymem *ret) {
        return look_with(look_directly, target, ret);
}
