/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* An axis of a plot: its unit, where its marks are, and how they are called. */

typedef struct Axis {
        double unit;      /* what one of its units is, in bytes or µs */
        const char *name; /* of the unit */
        double step;      /* from one mark to the next, in units */
        unsigned n_marks; /* steps; the first mark is at 0, so there is one more */
        unsigned n_decimals;
} Axis;

/* For sizes up to so many bytes, with no more steps than that. The last mark is at them or above. */
Axis axis_of_size(guint64 most, unsigned n_most);

/* For times up to so many µs. The last mark is at them or below. */
Axis axis_of_time(guint64 most_usec, unsigned n_most);

/* Where mark 'i' is, in bytes or µs. */
double axis_mark(const Axis *axis, unsigned i);

/* Its number, without the unit; the caller frees. */
char *axis_label(const Axis *axis, unsigned i);
