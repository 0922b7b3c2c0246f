/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "control-group.h"
#include "machine.h"
#include "tree.h"

/* A small captured machine in a temporary directory, made of blocks as fixtures/README.md describes them
 * ("@file",
 * "@group", "@dir"), which a test may then change. What cannot be set up ends the test. */

#define CAPTURE_KIB UINT64_C(1024)
#define CAPTURE_MIB (UINT64_C(1024) * 1024)
#define CAPTURE_GIB (UINT64_C(1024) * 1024 * 1024)

/* 4 GiB of RAM, 3 GiB of it available; 1 GiB of swap, 768 MiB of it free. */
#define CAPTURE_MEMINFO              \
        "@file proc/meminfo\n"       \
        "MemTotal: 4194304 kB\n"     \
        "MemFree: 1048576 kB\n"      \
        "MemAvailable: 3145728 kB\n" \
        "SwapTotal: 1048576 kB\n"    \
        "SwapFree: 786432 kB\n"

/* Cgroup v2 alone, and v1 as systemd's legacy mode mounts it. */
#define CAPTURE_V2                                                                  \
        CAPTURE_MEMINFO                                                             \
        "@file proc/self/mountinfo\n"                                               \
        "22 1 0:20 / /sys rw - sysfs sysfs rw\n"                                    \
        "29 22 0:25 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n" \
        "@dir sys/fs/cgroup/empty\n"
#define CAPTURE_V1_MOUNTS                                                                          \
        CAPTURE_MEMINFO                                                                            \
        "@file proc/self/mountinfo\n"                                                              \
        "30 22 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs ro,mode=755\n"                               \
        "31 30 0:27 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,name=systemd\n" \
        "32 30 0:28 / /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup rw,memory\n"              \
        "@dir sys/fs/cgroup/systemd\n"
#define CAPTURE_V1                                    \
        CAPTURE_V1_MOUNTS                             \
        "@group sys/fs/cgroup/memory\n"               \
        "cgroup.sane_behavior:0\n"                    \
        "memory.limit_in_bytes:9223372036854771712\n" \
        "memory.usage_in_bytes:1073741824\n"          \
        "memory.stat:total_inactive_file 0\n"

/* The same, but what is mounted is the group /box, as in a container. */
#define CAPTURE_V2_BOX                \
        CAPTURE_MEMINFO               \
        "@file proc/self/mountinfo\n" \
        "29 22 0:25 /box /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define CAPTURE_V1_BOX                \
        CAPTURE_MEMINFO               \
        "@file proc/self/mountinfo\n" \
        "32 30 0:28 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

typedef struct Capture {
        char *directory;
        int fd; /* of the directory */
        Tree *tree;
        Machine *machine; /* once capture_machine() was called */
} Capture;

Capture *capture_new(const char *blocks);
void capture_free(Capture *capture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Capture, capture_free)

/* The machine, opened at the first call; that has to work. */
Machine *capture_machine(Capture *capture);

/* Opens a directory of it, O_PATH. */
int capture_open(const Capture *capture, const char *path);

/* Opens a directory of it as a control group called 'name'. */
ControlGroup capture_group(const Capture *capture, const char *path, int version, const char *name);

/* Makes the file anew, together with the directories that lead to it; 'content' may be NULL for no file. */
void capture_write(const Capture *capture, const char *path, const char *content);

/* Removes the file, or the directory with all in it, which must be there. */
void capture_remove(const Capture *capture, const char *path);
