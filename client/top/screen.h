/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "history.h"
#include "meminfo.h"
#include "rows.h"

/* The terminal as `top` uses it, by ncurses. */

/* What is shown. */
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

/* Takes the terminal over; FALSE if there is none that can do it, with a message. */
gboolean screen_begin(char **ret_message);

/* Gives it back as it was. */
void screen_end(void);

void screen_draw(const View *view);

/* How many rows of units there is room for. */
guint screen_rows(void);

/* What the keys mean, until one is pressed. */
void screen_help(void);

/* Lends the emptied terminal to whoever prints on stdout, until a key is pressed. */
void screen_lend(void (*print)(void *userdata), void *userdata);
