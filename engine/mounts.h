/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where the control group hierarchies are mounted: the lines of /proc/PID/mountinfo that matter here,
 * proc(5). */

typedef enum MountKind {
        MOUNT_MEMORY,  /* cgroup v1 with the memory controller */
        MOUNT_UNIFIED, /* cgroup v2 */
        MOUNT_SYSTEMD, /* cgroup v1 named "systemd", without a controller */
} MountKind;

typedef struct Mount {
        MountKind kind;
        char *root;     /* the control group that is seen at the mount point */
        char *point;    /* the directory it is mounted on */
        int fd;         /* that directory, O_PATH; -1 until somebody opens it here */
        bool is_hidden; /* something else was found there: it is mounted over */
} Mount;

typedef struct Mounts {
        Mount *items;
        size_t n;
} Mounts;

/* Reads the text of /proc/PID/mountinfo: any number of optional fields, octal escapes, and of several file
 * systems mounted on one directory only the last, which covers the others. Returns 0, -EBADMSG for a line
 * that has another shape, -ENOMEM. */
int mounts_parse(const char *text, Mounts *ret);

void mounts_done(Mounts *mounts);

/* The mount of that kind through which 'path' (NULL: any group) can be seen: at or below /sys/fs/cgroup
 * rather than elsewhere, then the one that shows the most ancestors. Hidden ones do not count. NULL if there
 * is none. */
Mount *mounts_find(const Mounts *mounts, MountKind kind, const char *path);
