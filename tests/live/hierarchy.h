/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* One mounted hierarchy of control groups, read with the tests' own few lines: nothing here comes from
 * engine/, so that a mistake there is not repeated in what it is compared with. */

typedef struct Hierarchy {
        const char
                *controller; /* as the second field of /proc/PID/cgroup names it; "" for the unified one */
        char *mount;         /* where it is mounted, or NULL */
        char *root;          /* which of its groups is mounted there, mostly "/" */
} Hierarchy;

/* Says whether the kernel lists 'controller' for this process at all, mounted or not. */
bool hierarchy_is_listed(const char *controller);

/* Finds where 'controller' is mounted; the mount stays NULL if it is not. */
void hierarchy_find(const char *controller, Hierarchy *ret);
void hierarchy_clear(Hierarchy *hierarchy);

/* The group of a process as the kernel writes it, or NULL if there is no such process or line. */
char *hierarchy_path_of(const Hierarchy *hierarchy, pid_t pid);

/* The directory of a group, or NULL if the group lies outside of the mount. */
char *hierarchy_directory(const Hierarchy *hierarchy, const char *path);
