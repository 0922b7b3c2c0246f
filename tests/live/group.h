/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "hierarchy.h"

/* A real control group of the tests' own making: one directory in the memory hierarchy and, where systemd
 * manages another one, the same path there, because that is what gives the unit its name. */

typedef struct Place {
        Hierarchy memory;
        Hierarchy units; /* the mount is NULL where the memory hierarchy is the one that systemd manages */
        bool unified;    /* the memory controller is a v2 one */
        char *base;      /* the group below which ours lie, in every hierarchy */
        const char *why; /* why no group can be made, or NULL */
} Place;

typedef struct Group {
        const Place *place;
        char *path;      /* as the kernel writes it */
        char *directory; /* in the memory hierarchy */
} Group;

/* Finds the hierarchies and the deepest group in which the same path can be made in all of them. */
void place_find(Place *ret);
void place_clear(Place *place);

/* Removes what earlier runs, whose process is gone, left behind. */
void place_tidy(const Place *place);

/* Removes the tree of groups at 'path' in every hierarchy, deepest first, and ends what still runs in it. */
void place_sweep(const Place *place, const char *path);

/* Makes a group below 'parent'. Returns NULL and sets errno if the kernel does not let us. */
Group *group_new(const Place *place, const char *parent, const char *name);
void group_free(Group *group);

/* Removes the group, which must be empty, and may be made again by group_make(). Ends the test program if it
 * cannot. */
void group_remove(const Group *group);
void group_make(const Group *group);

/* Moves a process into the group, in every hierarchy. */
void group_enter(const Group *group, pid_t pid);

/* Puts a process into the group as systemd sees it, below the one that is charged: a user's unit on v1. */
void group_enter_units(const Group *group, pid_t pid);

/* Writes to one of the kernel's files: v1's name, or v2's where 'unified'. */
void group_write(const Group *group, const char *file, const char *value);
void group_set_limit(const Group *group, uint64_t bytes); /* UINT64_MAX: none */

/* Forbids to swap in place of being killed: what is more than the limit is out of memory. */
void group_forbid_swap(const Group *group, uint64_t limit);

/* Forgets the highest usage, where the kernel can (v1). */
void group_reset_peak(const char *directory, bool unified);
