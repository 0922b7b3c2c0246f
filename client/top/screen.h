/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The terminal as `top` uses it, by ncurses. */

/* Colours; where there are none they are no attributes. */
enum {
        SCREEN_CLOSE = 1,
        SCREEN_VERY_CLOSE,
        SCREEN_DIM,
};

/* Takes the terminal over; FALSE if there is none that can do it, with a message. */
gboolean screen_begin(char **ret_message);

/* Gives it back as it was. */
void screen_end(void);

/* What the keys mean, until one is pressed. */
void screen_help(void);

/* Lends the emptied terminal to whoever prints on stdout, until a key is pressed. */
void screen_lend(void (*print)(void *userdata), void *userdata);
