/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "chain.h"
#include "cleanup.h"
#include "failure.h"
#include "path.h"
#include "size.h"

/* Whether the group has one of the files: 1, 0, or an error. */
static int has_file(const ControlGroup *group, const char *const *names) {
        for (; *names; names++) {
                if (faccessat(group->fd, *names, F_OK, 0) >= 0)
                        return 1;
                if (failure_is_passing(-errno))
                        return -errno;
        }

        return 0;
}

/* Whether the directory at the top is the machine, not a group that a cgroup namespace or a mount shows as
 * one. Each version gives its true root files that no group has, or keeps back files that every group has.
 */
static int top_is_machine(Machine *machine, const Mount *mount, ControlGroup *top, bool *ret) {
        static const char *const of_groups[] = { "memory.current", "cgroup.events", "cgroup.type", NULL },
                                 *const of_root[] = { "cgroup.sane_behavior", "release_agent", NULL },
                                 *const of_all[] = { "cgroup.procs", NULL };
        uint64_t max;
        int r;

        *ret = false;
        if (strcmp(mount->root, "/") != 0)
                return 0;

        r = has_file(top, top->version == 2 ? of_groups : of_root);
        if (r >= 0 && (top->version == 2 || r > 0)) {
                *ret = top->version == 2 ? r == 0 : true;
                return 0;
        }
        if (r == 0)
                r = has_file(top, of_all);
        if (r != 0)
                return r < 0 ? machine_blame(machine, r, "%s", mount->point) : 0;

        /* A captured tree that holds nothing but the memory controller's files, or not even these: nobody
         * can limit the machine. */
        r = control_group_read_max(machine, top, &max);
        if (r < 0 && r != -ENODEV)
                return r;

        *ret = r == -ENODEV || max == SIZE_UNLIMITED;
        return 0;
}

static int chain_reserve(Chain *chain, const char *path) {
        size_t n = 1;

        while (path_next(&path, &(size_t) { 0 }))
                n++;
        if (n > 1 + CHAIN_DEPTH_MAX)
                return -E2BIG;

        chain->groups = calloc(n, sizeof(*chain->groups));
        return chain->groups ? 0 : -ENOMEM;
}

/* Adds the group below the last one that the component leads to; here the chain is still outermost first. */
static int chain_descend(Chain *chain, const char *component, size_t length, char *path) {
        const ControlGroup *above = &chain->groups[chain->n - 1];
        _cleanup_free_ char *owned_path = path;
        char name[NAME_MAX + 1];
        int fd;

        if (!owned_path)
                return -ENOMEM;
        if (path_is_dots(component, length))
                return -ENODATA; /* "/../x": outside of our cgroup namespace */
        if (length > NAME_MAX)
                return -ENODEV;
        memcpy(name, component, length);
        name[length] = '\0';

        fd = openat(above->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) /* not there, or a file or a link, which is no group */
                return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? -ENODEV : -errno;

        chain->groups[chain->n++] = (ControlGroup) { take_ptr(&owned_path), fd, above->version, false };
        return 0;
}

static void chain_reverse(Chain *chain) {
        for (size_t i = 0; i < chain->n / 2; i++) {
                ControlGroup group = chain->groups[i];

                chain->groups[i] = chain->groups[chain->n - 1 - i];
                chain->groups[chain->n - 1 - i] = group;
        }
}

/* Takes away the inner end that has no memory files; 'path' is what was asked for. */
static int chain_trim(Machine *machine, const char *path, Chain *chain) {
        size_t unaccounted = 0;
        int r;

        while (unaccounted < chain->n) {
                r = control_group_has_memory(machine, &chain->groups[unaccounted]);
                if (r < 0)
                        return r;
                if (r > 0)
                        break;
                unaccounted++;
        }
        if (unaccounted == chain->n || (unaccounted > 0 && chain->groups[unaccounted].is_machine))
                return machine_blame(machine, -ENODATA, "%s", path);

        for (size_t i = 0; i < unaccounted; i++)
                control_group_done(&chain->groups[i]);
        chain->n -= unaccounted;
        memmove(chain->groups, chain->groups + unaccounted, chain->n * sizeof(*chain->groups));
        return 0;
}

static int open_top(Machine *machine, const Mount *mount, Chain *chain) {
        ControlGroup *top = &chain->groups[0];

        *top = (ControlGroup) { .fd = -1, .version = mount->kind == MOUNT_UNIFIED ? 2 : 1 };
        chain->n = 1;

        top->path = strdup(mount->root);
        if (!top->path)
                return -ENOMEM;
        top->fd = fcntl(mount->fd, F_DUPFD_CLOEXEC, 0);
        if (top->fd < 0)
                return machine_blame(machine, -errno, "%s", mount->point);

        return top_is_machine(machine, mount, top, &top->is_machine);
}

/* Opens all groups from 'path' up to the top, whether they have memory files or not. */
static int chain_climb(Machine *machine, const Mount *mount, const char *path, unsigned flags, Chain *ret) {
        _cleanup_(chain_done) Chain chain = { 0 };
        const char *below, *component;
        size_t length;
        int r;

        below = path_after(path, mount->root);
        if (!below)
                return machine_blame(machine, -ENODATA, "%s", path);

        r = chain_reserve(&chain, below);
        if (r < 0)
                return machine_blame(machine, r, "%s", path);
        r = open_top(machine, mount, &chain);
        if (r < 0)
                return r;

        while ((component = path_next(&below, &length))) {
                r = chain_descend(&chain, component, length, strndup(path, (size_t) (below - path)));
                if (r == -ENODEV && (flags & CHAIN_NEAREST))
                        break;
                if (r == -ENODEV && (flags & CHAIN_NAMED))
                        r = -ENOENT;
                if (r < 0)
                        return machine_blame(machine, r, "%s", path);
        }

        /* Where the rest of the path does not exist, it is as if it had no memory files. */
        if (component && chain.n == 1 && chain.groups[0].is_machine)
                return machine_blame(machine, -ENODATA, "%s", path);

        chain_reverse(&chain);
        *ret = chain;
        chain = (Chain) { 0 };
        return 0;
}

int chain_open(Machine *machine, const Mount *mount, const char *path, unsigned flags, Chain *ret) {
        _cleanup_(chain_done) Chain chain = { 0 };
        int r;

        assert(machine);
        assert(mount);
        assert(path);
        assert(ret);

        r = chain_climb(machine, mount, path, flags, &chain);
        if (r >= 0)
                r = chain_trim(machine, path, &chain);
        if (r < 0)
                return r;

        *ret = chain;
        chain = (Chain) { 0 };
        return 0;
}

int chain_is_unaccounted(Machine *machine, const Mount *mount, const char *path) {
        _cleanup_(chain_done) Chain chain = { 0 };
        int r;

        assert(machine);
        assert(mount);
        assert(path);

        r = chain_climb(machine, mount, path, CHAIN_EXACT, &chain);
        if (r < 0)
                return r;
        if (!chain_top(&chain)->is_machine)
                return 0;

        for (size_t i = 0; i + 1 < chain.n; i++) {
                r = control_group_has_memory(machine, &chain.groups[i]);
                if (r != 0)
                        return r < 0 ? r : 0;
        }

        return 1;
}

void chain_done(Chain *chain) {
        assert(chain);

        for (size_t i = 0; i < chain->n; i++)
                control_group_done(&chain->groups[i]);
        free(chain->groups);
        *chain = (Chain) { 0 };
}

const ControlGroup *chain_top(const Chain *chain) {
        assert(chain);
        assert(chain->n > 0);

        return &chain->groups[chain->n - 1];
}
