/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Which components of a control group's path are systemd units. The rules are those of systemd.unit(5) and
 * of systemd's own escaping of names that the kernel keeps for itself ("_cpu.service" is the unit
 * cpu.service). */

#define UNIT_NAME_ROOT_SLICE "-.slice"

/* The units that a path goes through. Strings are owned, "" where there is none. */
typedef struct UnitNames {
        char *id;          /* the innermost component that is a unit */
        char *system_unit; /* the outermost component that is a unit and not a slice */
        char *slice;   /* the slice that the unit 'id' lies in; UNIT_NAME_ROOT_SLICE if it lies in none */
        size_t length; /* how much of the path leads to the unit 'id'; 0 if there is none */
} UnitNames;

/* Whether 'length' bytes at 'name' are the name of a unit that can run: plain or an instance, never a
 * template. */
bool unit_name_is_valid(const char *name, size_t length);

/* Whether a valid unit name is a slice's. */
bool unit_name_is_slice(const char *name, size_t length);

/* Moves '*component' and '*length' past systemd's escape, and tells whether what is left is a unit's name.
 */
bool unit_name_from_component(const char **component, size_t *length);

/* Finds the units on a path. Returns 0 or -ENOMEM. */
int unit_names_from_path(const char *path, UnitNames *ret);

void unit_names_done(UnitNames *names);
