/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "units.h"

/* Units in order, and as a table: what `list` and `top` have in common. */

typedef struct UnitsOrder {
        guint by; /* one that units_order_find() gave, or below the first that has no name */
        gboolean reverse;
} UnitsOrder;

/* What the two take, for those who give something else. */
#define UNITS_ORDERS "name, usage, working-set, limit, available or percent"
#define UNITS_TYPES "the type of a unit, as service or slice"

/* Finds the order that is called so, NULL for by name; FALSE if there is none. */
gboolean units_order_find(const char *name, UnitsOrder *ret);

/* What it is called; NULL if there are no more. */
const char *units_order_name(guint by);

/* Sorts them: figures the largest first, and what is equal by name. */
void units_sort(GPtrArray *units, const UnitsOrder *order);

/* The first type that no unit has as its suffix; NULL if there is none. */
const char *units_find_wrong_type(char **types);

/* Leaves those that the options and one of the patterns want; no patterns want all. */
void units_filter(const Options *options, char **patterns, GPtrArray *units);

/* How much of the limit the working set is, in thousandths; SIZE_UNKNOWN if that is not known. */
guint64 units_share(const Unit *unit);

/* The same as text, which the caller frees. */
char *units_format_share(const Unit *unit);

/* Prints them. */
void units_print(const Options *options, const GPtrArray *units);
