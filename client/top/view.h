/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "meminfo.h"
#include "rows.h"

/* What `top` shows on the screen. */

typedef struct View {
        const GArray *rows; /* of Row */
        const Histories *histories;
        const Arrangement *arrangement;
        const Meminfo *machine; /* NULL if it is not known */
        guint n_units;          /* in all, also those that do not pass the filter */
        guint selected;         /* a row */
        gboolean bytes;
        gboolean is_typing;    /* the filter */
        gboolean is_read_here; /* the service did not answer */
        const char *message;   /* what went wrong; or NULL */
} View;

void view_draw(const View *view);

/* How many rows of units there is room for. */
guint view_rows(void);
