/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "units-table.h"

/* Which units are shown, in which order, and below which others. */

typedef struct Row {
        const Unit *unit;
        guint depth; /* in the tree; 0 where there is none */
} Row;

typedef struct Arrangement {
        UnitsOrder order;
        gboolean is_tree;
        const char *filter; /* what names have to contain, or a pattern that they match; "" for all */
} Arrangement;

/* Arranges the units, which are sorted by this: an array of Row, which the caller unrefs and which points at
 * them. In a tree every unit stands below the nearest slice or other unit that it lies in, and a filter
 * keeps what lies above those that it lets through. */
GArray *rows_arrange(GPtrArray *units, const Arrangement *arrangement);
