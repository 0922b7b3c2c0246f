/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "group.h"

/* What the kernel's files say, worked out a second time: the figures that mymem has to give. */

typedef enum Figure {
        FIGURE_MAX,
        FIGURE_HIGH,
        FIGURE_LIMIT,
        FIGURE_HIGH_LIMIT,
        FIGURE_SWAP_MAX,
        FIGURE_SWAP_LIMIT,
        /* From here on they move while one looks. */
        FIGURE_AVAILABLE,
        FIGURE_USAGE,
        FIGURE_WORKING_SET,
        FIGURE_PEAK,
        FIGURE_ANONYMOUS,
        FIGURE_FILE,
        FIGURE_ACTIVE_FILE,
        FIGURE_INACTIVE_FILE,
        FIGURE_SHMEM,
        FIGURE_EVENTS_MAX,
        FIGURE_EVENTS_OOM_KILL,
        _FIGURE_COUNT,
} Figure;

typedef enum Text {
        TEXT_ID,
        TEXT_SYSTEM_UNIT,
        TEXT_SLICE,
        TEXT_CONTROL_GROUP,
        TEXT_LIMIT_BY,
        TEXT_HIGH_LIMIT_BY,
        TEXT_SWAP_LIMIT_BY,
        TEXT_AVAILABLE_BY,
        _TEXT_COUNT,
} Text;

typedef struct Reading {
        uint64_t figures[_FIGURE_COUNT]; /* UINT64_MAX: unlimited, or not known */
        char *texts[_TEXT_COUNT];
        char *directory; /* the reported group's */
} Reading;

extern const char *const figure_names[_FIGURE_COUNT]; /* as the properties of org.mymem1.Unit are called */
extern const char *const text_names[_TEXT_COUNT];

/* Reads everything for a process. Returns false if it has no group (any more). */
bool reading_take(const Place *place, pid_t pid, Reading *ret);

/* Reads everything for a group, whose path systemd uses too. */
void reading_take_group(const Place *place, const char *path, Reading *ret);
void reading_clear(Reading *reading);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* One number of /proc/meminfo, in bytes. */
uint64_t reading_of_machine(const char *key);

/* One file of a group that holds one number, "max" or more than any machine has: UINT64_MAX. */
uint64_t reading_of_file(const char *directory, const char *file);
