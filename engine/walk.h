/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control-group.h"

/* A walk over the tree of control groups, one group at a time, so that whoever walks can do other work
 * between two groups. Groups that go away meanwhile are left out, and what lies deeper than 128 levels. */

typedef enum WalkKind {
        WALK_UNITS, /* all groups with memory files, with figures */
        WALK_NAMES, /* the units of the system manager: those with nothing but slices above, without figures
                     */
} WalkKind;

typedef struct WalkGroup {
        const char *path; /* valid until the next step */
        const char *unit; /* the unit's name if the group is one, else NULL; valid until the next step */
        uint64_t limit;   /* of WALK_UNITS, in bytes, as in figures.h; usage and working set of units only */
        uint64_t usage;
        uint64_t working_set;
        uint64_t available;
        uint64_t max;                 /* own hard limit, or SIZE_UNLIMITED */
        uint64_t high_limit;          /* the smallest throttling limit of this group and all above */
        const ControlGroup *group;    /* opened, to read more of it; valid until the next step */
        const Statistics *statistics; /* its memory.stat, of units only; valid until the next step */
} WalkGroup;

typedef struct Walk Walk;

/* The machine must live as long as the walk. -ENODATA if the hierarchy is not mounted. */
int walk_new(Machine *machine, WalkKind kind, Walk **ret);

/* Walks over the names of a user manager's units. -ENOENT if the user has no manager. */
int walk_new_user(Machine *machine, uid_t uid, Walk **ret);
Walk *walk_free(Walk *walk);

static inline void walk_freep(Walk **walk) {
        walk_free(*walk);
}

/* Goes on to the next group. Returns 1 with '*ret' set, 0 at the end, or an error of machine.h. */
int walk_next(Walk *walk, WalkGroup *ret);

/* Finds the control group of a unit of the system manager, in the hierarchy that systemd manages, in one go;
 * the caller frees it. -ENOENT if there is none, also if 'name' is no unit's name. */
int walk_find_unit(Machine *machine, const char *name, char **ret_path);

/* The same for a unit of a user manager. */
int walk_find_user_unit(Machine *machine, uid_t uid, const char *name, char **ret_path);
