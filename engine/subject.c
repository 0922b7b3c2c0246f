/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "path.h"
#include "size.h"
#include "subject.h"

/* In a container on v1 the top of what can be seen is not the machine, and every group's memory.stat knows
 * the smallest limit up to there. */
static int read_limit_above(Machine *machine, Subject *subject) {
        Statistics statistics;
        int r;

        subject->above = SIZE_UNLIMITED;
        if (chain_top(&subject->chain)->is_machine || chain_top(&subject->chain)->version != 1)
                return 0;

        r = control_group_read_statistics(machine, &subject->chain.groups[0], &statistics, NULL);
        if (r < 0)
                return r;

        for (size_t i = 0; i < subject->chain.n; i++)
                if (subject->max[i] <= statistics.hierarchical_limit)
                        return 0;

        subject->above = statistics.hierarchical_limit;
        return 0;
}

static int read_limits(Machine *machine, Subject *subject) {
        int r;

        subject->max = calloc(subject->chain.n, sizeof(*subject->max));
        if (!subject->max)
                return -ENOMEM;

        for (size_t i = 0; i < subject->chain.n; i++) {
                r = control_group_read_max(machine, &subject->chain.groups[i], &subject->max[i]);
                if (r < 0)
                        return r;
        }

        r = read_limit_above(machine, subject);
        if (r < 0)
                return r;
        return machine_physical_memory(machine, &subject->physical);
}

/* The innermost group with the smallest limit; the number of groups if it is set above them all. */
static size_t find_limiting(const Subject *subject) {
        size_t limiting = subject->chain.n;
        uint64_t limit = size_min(subject->physical, subject->above);

        for (size_t i = subject->chain.n; i > 0; i--)
                if (subject->max[i - 1] <= limit) {
                        limit = subject->max[i - 1];
                        limiting = i - 1;
                }

        return limiting;
}

/* The unit's own group, as far as the memory hierarchy has one: what leads to the unit on the line that
 * systemd manages, or the process's group if that lies above the unit or elsewhere. */
static size_t find_unit(const Subject *subject, const char *systemd_path, size_t length) {
        _cleanup_free_ char *unit_path = length > 0 ? strndup(systemd_path, length) : NULL;

        if (!unit_path || !path_after(subject->chain.groups[0].path, unit_path))
                return 0;

        for (size_t i = 0; i < subject->chain.n; i++)
                if (strlen(subject->chain.groups[i].path) <= length)
                        return i;

        return 0;
}

static int subject_open(Machine *machine,
                        const Mount *mount,
                        const char *path,
                        ChainFlags flags,
                        const char *systemd_path,
                        Subject *ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        r = unit_names_from_path(systemd_path, &subject.unit);
        if (r >= 0)
                r = chain_open(machine, mount, path, flags, &subject.chain);
        if (r >= 0)
                r = read_limits(machine, &subject);
        if (r < 0)
                return r;

        *ret = subject;
        subject = (Subject) { 0 };
        return 0;
}

/* Of a process its unit's group is reported; or the one that sets the limit, if that lies below the unit. */
static void choose_reported(Subject *subject, const char *systemd_path) {
        size_t unit = find_unit(subject, systemd_path, subject->unit.length),
               limiting = find_limiting(subject);

        subject->reported = limiting < unit ? limiting : unit;
}

int subject_open_process(Machine *machine, const Process *process, Subject *ret) {
        _cleanup_(membership_done) Membership membership = { 0 };
        const char *path, *systemd_path;
        Mount *mount;
        int r;

        assert(machine);
        assert(process);
        assert(ret);

        r = process_read_membership(machine, process, &membership);
        if (r < 0)
                return r;

        path = membership_memory_path(&membership);
        if (!path)
                return machine_blame(machine, -ENODATA, "proc/%s/cgroup", process->name);

        r = machine_find_mount(machine, membership.memory ? MOUNT_MEMORY : MOUNT_UNIFIED, path, &mount);
        if (r < 0)
                return r;

        systemd_path = membership_systemd_path(&membership);
        if (!systemd_path)
                systemd_path = "/";
        r = subject_open(machine, mount, path, CHAIN_EXACT, systemd_path, ret);
        if (r < 0)
                return r;

        choose_reported(ret, systemd_path);
        return 0;
}

/* A group that was asked for by its path and is not there has not vanished: it was never seen. */
static int never_seen(int r) {
        return r == -ENODEV ? -ENOENT : r;
}

int subject_open_group(Machine *machine, const char *path, Subject *ret) {
        Mount *mount;
        int r;

        assert(machine);
        assert(path);
        assert(ret);

        if (!path_is_normal(path))
                return machine_blame(machine, -ENOENT, "%s", path);

        r = machine_find_memory_mount(machine, &mount);
        if (r < 0)
                return r;
        if (!path_after(path, mount->root))
                return machine_blame(machine, -ENOENT, "%s", path);

        return never_seen(subject_open(machine, mount, path, CHAIN_EXACT, path, ret));
}

int subject_open_unit(Machine *machine, const char *path, Subject *ret) {
        Mount *mount;
        int r;

        assert(machine);
        assert(path);
        assert(ret);

        r = machine_find_memory_mount(machine, &mount);
        if (r < 0)
                return r;

        return never_seen(subject_open(
                machine, mount, path, mount->kind == MOUNT_MEMORY ? CHAIN_NEAREST : CHAIN_EXACT, path, ret));
}

void subject_done(Subject *subject) {
        assert(subject);

        chain_done(&subject->chain);
        unit_names_done(&subject->unit);
        free(subject->max);
        *subject = (Subject) { 0 };
}

const ControlGroup *subject_group(const Subject *subject) {
        assert(subject);
        assert(subject->reported < subject->chain.n);

        return &subject->chain.groups[subject->reported];
}

Effective subject_limit(const Subject *subject) {
        size_t limiting;

        assert(subject);

        limiting = find_limiting(subject);
        if (limiting < subject->chain.n)
                return (Effective) { subject->max[limiting], subject->chain.groups[limiting].path };

        return (Effective) { size_min(subject->physical, subject->above), "/" };
}
