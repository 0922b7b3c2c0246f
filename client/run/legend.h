/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>

#include "snapshot.h"

/* The line above a picture that says what its colours are. */

typedef struct Legend {
        double left, right;    /* what it has room for */
        const Snapshot *after; /* has the limits; NULL if they are not known */
        double top;            /* bytes: what is more is not in the picture */
        uint64_t n_oom_kills;
} Legend;

/* The line that its text stands on. */
#define LEGEND_Y 94

void legend_draw(cairo_t *cairo, const Legend *legend);
