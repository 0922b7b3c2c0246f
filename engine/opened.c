/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "opened.h"
#include "size.h"

/* Opens a file of a group that nobody can write. */
static int open_file(Machine *machine, const ControlGroup *group, const char *name, int *ret) {
        _cleanup_close_ int fd = -1;
        struct stat status;
        int r = 0;

        fd = openat(group->fd, name, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
        if (fd < 0)
                r = errno == ENOENT ? -ENODEV : -errno;
        else if (fstat(fd, &status) < 0)
                r = -errno;
        else if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) != 0)
                r = -EOPNOTSUPP;
        if (r < 0)
                return machine_blame(machine, r, "%s of %s", name, group->path);

        *ret = take_fd(&fd);
        return 0;
}

void opened_group_done(OpenedGroup *group) {
        assert(group);

        free(group->path);
        closep(&group->usage_fd);
        closep(&group->statistics_fd);
}

static int open_group(
        Machine *machine, const ControlGroup *group, uint64_t max, uint64_t high, OpenedGroup *ret) {
        OpenedGroup opened = { .max = max, .high = high, .usage_fd = -1, .statistics_fd = -1 };
        int r = 0;

        opened.path = strdup(group->path);
        if (!opened.path)
                r = -ENOMEM;
        if (r >= 0)
                r = open_file(machine, group, control_group_usage_file(group->version), &opened.usage_fd);
        if (r >= 0)
                r = open_file(machine, group, "memory.stat", &opened.statistics_fd);
        if (r < 0) {
                opened_group_done(&opened);
                return r;
        }

        *ret = opened;
        return 0;
}

int opened_take(Machine *machine, const Subject *subject, OpenedGroups *ret) {
        _cleanup_(opened_done) OpenedGroups opened = { 0 };
        int r;

        assert(machine);
        assert(subject);
        assert(ret);

        if (subject_group(subject)->is_machine)
                return machine_blame(machine, -EOPNOTSUPP, "%s", subject_group(subject)->path);

        for (size_t i = 0; i < subject->chain.n; i++) {
                const ControlGroup *group = &subject->chain.groups[i];
                uint64_t max = subject->max[i], high;

                r = control_group_read(machine, group, CONTROL_GROUP_HIGH, &high);
                if (r < 0)
                        return r;
                if (i + 1 == subject->chain.n)
                        max = size_min(max, subject->above);
                if (i != subject->reported && max == SIZE_UNLIMITED && high == SIZE_UNLIMITED)
                        continue;

                if (opened.n == OPENED_MAX)
                        return machine_blame(machine, -EOPNOTSUPP, "%s", group->path);
                r = open_group(machine, group, max, high, &opened.groups[opened.n]);
                if (r < 0)
                        return r;
                if (i == subject->reported)
                        opened.reported = opened.n;
                opened.n++;
        }

        *ret = opened;
        opened.n = 0;
        return 0;
}

/* A group that was made anew has its path, but other files. */
static bool is_same_group(const OpenedGroup *a, const OpenedGroup *b) {
        struct stat status_a, status_b;

        return strcmp(a->path, b->path) == 0 && fstat(a->usage_fd, &status_a) >= 0 &&
                fstat(b->usage_fd, &status_b) >= 0 && status_a.st_dev == status_b.st_dev &&
                status_a.st_ino == status_b.st_ino;
}

bool opened_are_same(const OpenedGroups *a, const OpenedGroups *b) {
        assert(a);
        assert(b);

        if (a->n != b->n || a->reported != b->reported)
                return false;

        for (size_t i = 0; i < a->n; i++)
                if (!is_same_group(&a->groups[i], &b->groups[i]))
                        return false;

        return true;
}

void opened_done(OpenedGroups *opened) {
        assert(opened);

        for (size_t i = 0; i < opened->n; i++)
                opened_group_done(&opened->groups[i]);
        *opened = (OpenedGroups) { 0 };
}
