/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One line at the bottom of the terminal that stderr is, which says how much is used now. The terminal
 * scrolls above it, so that what the command prints and the line do not get in each other's way. It is there
 * only while the terminal is ours and is read by lines: an editor or a shell that runs has all of it. */

typedef struct LiveLine {
        gboolean is_wanted; /* there is a terminal */
        gboolean is_shown;
        unsigned rows, columns; /* as of when it was shown */
} LiveLine;

LiveLine live_line_new(void);

/* Shows as many of the parts, which end with NULL, as there is room for, or takes the line away where it
 * must not be. */
void live_line_show(LiveLine *line, const char *const *parts);

/* Takes it away: before somebody else uses the terminal, and at the end. */
void live_line_hide(LiveLine *line);
