/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "path.h"
#include "size.h"
#include "subject.h"
#include "whereabouts.h"

#define MOVES_MAX 8 /* how often a process may be moved while we look */

/* In a container on v1 the top of what can be seen is not the machine, and every group's memory.stat knows
 * the smallest limit up to there. */
static bool has_limit_above(const Subject *subject) {
        return !chain_top(&subject->chain)->is_machine && chain_top(&subject->chain)->version == 1;
}

static uint64_t find_limit_above(const Subject *subject, const Statistics *statistics) {
        for (size_t i = 0; i < subject->chain.n; i++)
                if (subject->max[i] <= statistics->hierarchical_limit)
                        return SIZE_UNLIMITED;

        return statistics->hierarchical_limit;
}

static int read_limit_above(Machine *machine, Subject *subject) {
        Statistics statistics;
        int r;

        subject->above = SIZE_UNLIMITED;
        if (!has_limit_above(subject))
                return 0;

        r = control_group_read_statistics(machine, &subject->chain.groups[0], &statistics, NULL);
        if (r < 0)
                return r;

        subject->above = find_limit_above(subject, &statistics);
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

/* -ENODEV if the process has been moved, or the thread that was seen there has ended. */
static int check_whereabouts(Machine *machine, const Whereabouts *whereabouts, const char *path) {
        int r;

        r = whereabouts_hold(whereabouts);
        if (r == 0 || r == -ESRCH)
                r = -ENODEV;
        return r < 0 ? machine_blame(machine, r, "%s", path) : 0;
}

/* 'whereabouts' is of the process, NULL if it is none that is looked for. */
static int subject_open(Machine *machine,
                        const Mount *mount,
                        const char *path,
                        unsigned flags,
                        const char *systemd_path,
                        const Whereabouts *whereabouts,
                        Subject *ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        r = unit_names_from_path(systemd_path, &subject.unit);
        if (r >= 0)
                r = chain_open(machine, mount, path, flags, &subject.chain);
        /* Groups are opened by name. If the process was moved meanwhile, what was opened may have been made
         * since, under the name of the one that it was in. */
        if (r >= 0 && whereabouts)
                r = check_whereabouts(machine, whereabouts, path);
        if (r >= 0)
                r = read_limits(machine, &subject);
        if (r < 0)
                return r;

        *ret = subject;
        subject = (Subject) { 0 };
        return 0;
}

/* Of a process its unit's group is reported; or the one that sets the limit, if that lies below the unit. */
static size_t find_reported(const Subject *subject) {
        size_t limiting = find_limiting(subject);

        return limiting < subject->unit_group ? limiting : subject->unit_group;
}

/* The path of the process's unit; what is in no hierarchy that systemd manages is in no unit. */
static const char *systemd_path_of(const Membership *membership) {
        const char *path = membership_systemd_path(membership);

        return path ? path : "/";
}

static int find_mount(Machine *machine, const Membership *membership, const char *path, Mount **ret) {
        return machine_find_mount(machine, membership->memory ? MOUNT_MEMORY : MOUNT_UNIFIED, path, ret);
}

/* Opens where the process is now. */
static int try_process(Machine *machine, const Process *process, Subject *ret) {
        _cleanup_(membership_done) Membership membership = { 0 };
        _cleanup_(whereabouts_done) Whereabouts whereabouts = WHEREABOUTS_NONE;
        const char *path, *systemd_path;
        Mount *mount;
        int r;

        r = process_find(machine, process, &membership, &whereabouts);
        if (r < 0)
                return r;

        path = membership_memory_path(&membership);
        if (!path)
                return machine_blame(machine, -ENODATA, "proc/%s/cgroup", process->name);

        r = find_mount(machine, &membership, path, &mount);
        if (r < 0)
                return r;

        systemd_path = systemd_path_of(&membership);
        r = subject_open(machine, mount, path, 0, systemd_path, &whereabouts, ret);
        if (r < 0)
                return r;

        ret->unit_group = find_unit(ret, systemd_path, ret->unit.length);
        ret->reported = find_reported(ret);
        return 0;
}

int subject_open_process(Machine *machine, const Process *process, Subject *ret) {
        int r = -ENODEV;

        assert(machine);
        assert(process);
        assert(ret);

        /* The group may have vanished, or be another one, because the process was moved out of it. */
        for (unsigned i = 0; r == -ENODEV && i < MOVES_MAX; i++)
                r = try_process(machine, process, ret);

        return r;
}

int subject_is_unaccounted(Machine *machine, const Process *process, char **ret_unit) {
        _cleanup_(membership_done) Membership membership = { 0 };
        _cleanup_(unit_names_done) UnitNames names = { 0 };
        const char *path;
        Mount *mount;
        int r;

        assert(machine);
        assert(process);
        assert(ret_unit);

        r = process_read_membership(machine, process, &membership);
        if (r < 0)
                return r;

        path = membership_memory_path(&membership);
        if (path) {
                r = find_mount(machine, &membership, path, &mount);
                if (r >= 0)
                        r = chain_is_unaccounted(machine, mount, path);
                if (r <= 0)
                        return r == -ENODATA ? 0 : r;
        }

        r = unit_names_from_path(systemd_path_of(&membership), &names);
        if (r < 0)
                return r;

        *ret_unit = take_ptr(&names.id);
        return 1;
}

int subject_open_group(Machine *machine, const char *path, Subject *ret) {
        Mount *mount;
        int r;

        assert(machine);
        assert(path);
        assert(ret);

        if (strlen(path) >= PATH_MAX || !path_is_normal(path))
                return machine_blame(machine, -ENOENT, "%s", path);

        r = machine_find_memory_mount(machine, path, &mount);
        if (r == -ENODATA && machine_find_memory_mount(machine, NULL, &mount) >= 0)
                return machine_blame(machine, -ENOENT, "%s", path); /* not in what is mounted */
        if (r < 0)
                return r;

        return subject_open(machine, mount, path, CHAIN_NAMED, path, NULL, ret);
}

static int open_root_slice(Machine *machine, const Mount *mount, Subject *ret) {
        int r;

        r = subject_open(machine, mount, mount->root, CHAIN_NAMED, mount->root, NULL, ret);
        if (r < 0)
                return r;

        /* It has a name, although no component of a path has it. */
        free(ret->unit.id);
        ret->unit.id = strdup(UNIT_NAME_ROOT_SLICE);
        if (!ret->unit.id) {
                subject_done(ret);
                return -ENOMEM;
        }
        return 0;
}

/* Whether processes are in a group of the hierarchy that systemd manages: 1, 0, or an error. */
static int is_populated(Machine *machine, const char *path) {
        _cleanup_close_ int fd = -1;
        const char *below;
        char text[2];
        Mount *mount;
        ssize_t n;
        int r;

        r = machine_find_systemd_mount(machine, &mount);
        if (r < 0)
                return r;

        below = path_after(path, mount->root);
        fd = below ? file_open_directory(mount->fd, below) : -ENOENT;
        if (fd < 0)
                return machine_blame(machine, fd, "%s", path);

        n = file_read(fd, "cgroup.procs", text, sizeof(text));
        if (n < 0 && n != -EFBIG && n != -ENODEV && n != -ENOENT)
                return machine_blame(machine, (int) n, "cgroup.procs of %s", path);
        return n == -EFBIG || n > 0; /* the first number may be all that is read */
}

int subject_open_unit(Machine *machine, const char *path, Subject *ret) {
        Mount *mount;
        int r;

        assert(machine);
        assert(path);
        assert(ret);

        r = machine_find_memory_mount(machine, NULL, &mount);
        if (r < 0)
                return r;
        if (strcmp(path, "/") == 0)
                return open_root_slice(machine, mount, ret);

        r = subject_open(machine, mount, path, CHAIN_NAMED, path, NULL, ret);
        if (r != -ENOENT || mount->kind != MOUNT_MEMORY)
                return r;

        /* On v1 a unit need not have a memory group. But one that just goes away must not be taken for such.
         */
        r = is_populated(machine, path);
        if (r <= 0)
                return r < 0 ? r : machine_blame(machine, -ENOENT, "%s", path);
        return subject_open(machine, mount, path, CHAIN_NAMED | CHAIN_NEAREST, path, NULL, ret);
}

bool subject_is_of(const Subject *subject, const Membership *membership) {
        _cleanup_(unit_names_done) UnitNames unit = { 0 };
        const char *path, *systemd_path;

        assert(subject);
        assert(membership);

        path = membership_memory_path(membership);
        systemd_path = systemd_path_of(membership);
        return path && strcmp(path, subject->chain.groups[0].path) == 0 &&
                unit_names_from_path(systemd_path, &unit) >= 0 && strcmp(unit.id, subject->unit.id) == 0 &&
                find_unit(subject, systemd_path, unit.length) == subject->unit_group;
}

bool subject_update(Subject *subject, const Statistics *statistics) {
        assert(subject);
        assert(statistics);

        if (has_limit_above(subject))
                subject->above = find_limit_above(subject, statistics);
        return find_reported(subject) == subject->reported;
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

int subject_check(Machine *machine, const Subject *subject) {
        int r;

        assert(machine);
        assert(subject);

        r = control_group_has_memory(machine, subject_group(subject));
        if (r == 0)
                return machine_blame(machine, -ENODEV, "%s", subject_group(subject)->path);
        return r < 0 ? r : 0;
}

Effective subject_limit(const Subject *subject) {
        size_t limiting;

        assert(subject);

        limiting = find_limiting(subject);
        if (limiting < subject->chain.n)
                return (Effective) { subject->max[limiting], subject->chain.groups[limiting].path };

        return (Effective) { size_min(subject->physical, subject->above), "/" };
}
