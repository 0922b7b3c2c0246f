/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "cleanup.h"
#include "failure.h"
#include "path.h"

void children_free(char ***names) {
        assert(names);

        for (char **name = *names; name && *name; name++)
                free(*name);
        free(*names);
        *names = NULL;
}

static int add_name(char ***names, size_t *n, const char *name) {
        char **longer;

        longer = reallocarray(*names, *n + 2, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        *names = longer;

        longer[*n] = strdup(name);
        longer[*n + 1] = NULL;
        return longer[(*n)++] ? 0 : -ENOMEM;
}

/* Returns 1, 0 if it is none or has gone, or an error. There may be thousands: each costs one system call.
 */
static int is_child(const ControlGroup *group, int dir_fd, const struct dirent *entry) {
        char file[NAME_MAX + sizeof("/memory.usage_in_bytes")];
        int length;

        if (entry->d_type != DT_DIR || path_is_dots(entry->d_name, strlen(entry->d_name)))
                return 0;

        length = snprintf(
                file, sizeof(file), "%s/%s", entry->d_name, control_group_usage_file(group->version));
        if (length < 0 || (size_t) length >= sizeof(file))
                return -ENAMETOOLONG;
        if (faccessat(dir_fd, file, F_OK, 0) >= 0)
                return 1;

        return failure_is_passing(-errno) ? -errno : 0;
}

int children_read(Machine *machine, const ControlGroup *group, char ***ret) {
        _cleanup_(children_free) char **names = NULL;
        _cleanup_(closedirp) DIR *directory = NULL;
        struct dirent *entry;
        size_t n = 0;
        int fd, r;

        assert(machine);
        assert(group);
        assert(ret);

        fd = openat(group->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return machine_blame(machine, errno == ENOENT ? -ENODEV : -errno, "%s", group->path);
        directory = fdopendir(fd);
        if (!directory) {
                r = -errno;
                close(fd);
                return machine_blame(machine, r, "%s", group->path);
        }

        names = calloc(1, sizeof(*names));
        if (!names)
                return -ENOMEM;
        while (errno = 0, (entry = readdir(directory))) {
                r = is_child(group, dirfd(directory), entry);
                if (r < 0)
                        return machine_blame(machine, r, "%s of %s", entry->d_name, group->path);
                if (r == 0)
                        continue;
                r = add_name(&names, &n, entry->d_name);
                if (r < 0)
                        return r;
        }

        if (errno != 0)
                return machine_blame(machine, errno == ENOENT ? -ENODEV : -errno, "%s", group->path);

        *ret = take_ptr(&names);
        return 0;
}
