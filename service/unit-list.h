/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

/* Units that a walk has found, packed one behind the other: ten thousand of them are little more than their
 * names, and their memory is given back as a whole. */

typedef struct ListedUnit {
        uint64_t limit;
        uint64_t usage;
        uint64_t working_set;
        uint64_t available;
        uint32_t size;  /* of all of it, and up to the next unit: bytes */
        uint32_t place; /* where in the text that begins */
        char text[];    /* the name; and the place, which is an object's path, or a control group's */
} ListedUnit;

typedef struct UnitList UnitList;

UnitList *unit_list_new(void);
UnitList *unit_list_ref(UnitList *list);
UnitList *unit_list_unref(UnitList *list);

/* Adds a unit with the figures of 'figures'. Returns 0, or -ERROR_LIMITS_EXCEEDED if there are too many. */
int unit_list_add(UnitList *list, const ListedUnit *figures, const char *name, const char *place);

/* The bytes of all of them. */
size_t unit_list_size(const UnitList *list);

/* The unit that begins there, at 0 the first one; the next begins where it ends. NULL at the end. */
const ListedUnit *unit_list_at(const UnitList *list, size_t offset);

/* The place of the first unit of that name, or NULL. Nothing may be added any more. */
const char *unit_list_find(UnitList *list, const char *name);

static inline const char *listed_unit_place(const ListedUnit *unit) {
        return unit->text + unit->place;
}
