/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What stdout can show. */

/* Columns: $COLUMNS, else the terminal's width, else 80. */
unsigned terminal_width(void);

/* The same for what may be cut to fit: what goes to a file or another program is not, without a valid
 * $COLUMNS. */
unsigned terminal_line_width(void);

/* The same of another descriptor than stdout. */
unsigned terminal_line_width_of(int fd);

/* Whether the locale's characters are UTF-8. */
gboolean terminal_is_utf8(void);

/* Whether there shall be colours: on a terminal that has them, unless NO_COLOR is set and not empty;
 * $SYSTEMD_COLORS, a boolean, goes before both. */
gboolean terminal_has_colours(void);

typedef enum TerminalColour {
        COLOUR_NORMAL,
        COLOUR_BOLD,
        COLOUR_GREY,
        COLOUR_GREEN,
        COLOUR_YELLOW,
        COLOUR_RED,
        COLOUR_BLUE,
} TerminalColour;

/* The sequence that switches to a colour, "" where there are none. */
const char *terminal_colour(TerminalColour colour);

/* Clears the screen for the next of several, where stdout is a terminal; elsewhere writes an empty line
 * before all but the first. */
void terminal_next_screen(gboolean is_first);

/* How many columns the text takes; it holds no control characters. */
unsigned terminal_columns(const char *text);

/* Prints the text and a newline, broken between words where the line ends. */
void terminal_print_wrapped(const char *text);

/* As many of the parts, which end with NULL, as there is room for, two blanks between them, the first in any
 * case. The caller frees. */
char *terminal_fit_parts(const char *const *parts, unsigned width);

/* The text, its middle cut out if it takes more than 'width' columns. The caller frees. */
char *terminal_fit(const char *text, unsigned width);
