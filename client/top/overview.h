/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "meminfo.h"
#include "options.h"
#include "rows.h"

/* The units as of the last look, which of them are shown in which order, and which one is selected. */

typedef struct Overview {
        Options options;
        char **patterns;
        Arrangement arrangement;
        GString *filter;
        Histories *histories;
        GPtrArray *units; /* of Unit, as of the last look */
        GArray *rows;
        gboolean is_read_here; /* because the service did not answer */
        gboolean has_machine;
        Meminfo machine;
        char *message;       /* why the last look failed; or NULL */
        char *selected;      /* the control group; NULL before one was selected */
        guint row;           /* where it stands */
        gint64 look_at_usec; /* the next time */
        guint n_looks;
        gboolean is_typing; /* the filter */
} Overview;

/* Makes what looks are kept in; options, patterns and arrangement are the caller's to fill in. */
void overview_begin(Overview *overview);

/* Looks at all units. If that fails, the last figures stay, and the message says why. Returns 0 or an error.
 */
int overview_look(Overview *overview);

/* Whether it has looked as often as it shall. */
gboolean overview_is_over(const Overview *overview);

/* Arranges the rows anew: the order or the filter is another one. */
void overview_arrange(Overview *overview);

const Row *overview_row(const Overview *overview, guint i);

/* Selects the unit in that row, or the last one. */
void overview_select(Overview *overview, guint row);
