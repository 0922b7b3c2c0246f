/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "live-line.h"
#include "terminal.h"

#define ROWS_MIN 4
#define COLUMNS_MIN 20

#define DOWN "\033D" /* in the same column */
#define SAVE "\0337"
#define RESTORE "\0338"
#define ALL_SCROLLS "\033[r"
#define CLEAR_LINE "\033[2K"

LiveLine live_line_new(void) {
        const char *terminal = g_getenv("TERM");

        return (LiveLine) {
                .is_wanted = isatty(STDERR_FILENO) && terminal && !g_str_equal(terminal, "dumb"),
        };
}

/* In the foreground, and nobody has made the terminal one that is read by keys. */
static gboolean is_ours(void) {
        struct termios mode;

        return tcgetpgrp(STDERR_FILENO) == getpgrp() && tcgetattr(STDERR_FILENO, &mode) == 0 &&
                (mode.c_lflag & ICANON) != 0;
}

static void print(const char *text) {
        /* A terminal that is gone is not our business: the command's end is. */
        if (fputs(text, stderr) < 0 || fflush(stderr) < 0)
                clearerr(stderr);
}

/* What scrolls becomes shorter by a line, and the cursor stays in it. Setting that moves the cursor. */
static void set_up(LiveLine *line, const struct winsize *size) {
        g_autofree char *text = g_strdup_printf(DOWN SAVE "\033[1;%dr" RESTORE "\033[A", size->ws_row - 1);

        print(text);
        line->rows = size->ws_row;
        line->columns = size->ws_col;
        line->is_shown = TRUE;
}

void live_line_hide(LiveLine *line) {
        g_autofree char *text = NULL;

        if (!line->is_shown)
                return;

        text = g_strdup_printf(SAVE ALL_SCROLLS "\033[%u;1H" CLEAR_LINE RESTORE, line->rows);
        print(text);
        line->is_shown = FALSE;
}

void live_line_show(LiveLine *line, const char *const *parts) {
        g_autofree char *fitted = NULL, *whole = NULL;
        struct winsize size;

        if (!line->is_wanted)
                return;
        if (!is_ours() || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row < ROWS_MIN ||
            size.ws_col < COLUMNS_MIN) {
                live_line_hide(line);
                return;
        }

        if (line->is_shown && (line->rows != size.ws_row || line->columns != size.ws_col))
                live_line_hide(line);
        if (!line->is_shown)
                set_up(line, &size);
        fitted = terminal_fit_parts(parts, size.ws_col - 1U);
        whole = g_strdup_printf(SAVE "\033[%u;1H" CLEAR_LINE "%s" RESTORE, line->rows, fitted);
        print(whole);
}
