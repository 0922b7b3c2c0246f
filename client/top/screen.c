/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <term.h>

#include "screen.h"
#include "terminal.h"

gboolean screen_begin(char **ret_message) {
        SCREEN *screen;

        /* ncurses takes also a terminal whose cursor cannot be moved, and makes a mess of it. */
        screen = newterm(NULL, stdout, stdin);
        if (screen && !tigetstr("cup")) {
                (void) endwin();
                delscreen(screen);
                screen = NULL;
        }
        if (!screen) {
                *ret_message = g_strdup_printf("The terminal %s cannot do this; there is --batch.",
                                               g_getenv("TERM") ? g_getenv("TERM") : "(TERM is not set)");
                return FALSE;
        }

        (void) cbreak();
        (void) noecho();
        (void) keypad(stdscr, TRUE);
        (void) set_escdelay(50);
        (void) curs_set(0);
        if (terminal_has_colours() && has_colors()) {
                (void) start_color();
                (void) use_default_colors();
                (void) init_pair(SCREEN_CLOSE, COLOR_YELLOW, -1);
                (void) init_pair(SCREEN_VERY_CLOSE, COLOR_RED, -1);
                (void) init_pair(SCREEN_DIM, COLOR_BLUE, -1);
        }
        return TRUE;
}

void screen_end(void) {
        (void) endwin();
}

static void wait_for_key(void) {
        timeout(-1);
        (void) getch();
        (void) clearok(stdscr, TRUE);
}

void screen_help(void) {
        static const char *const help[] = {
                "Up Down k j   the unit above, below",
                "PgUp PgDn     a page up, down",
                "Home End g G  the first, the last",
                "Enter         what limits it, and why",
                "s S           sort by the next, previous",
                "r             reverse the order",
                "t             slices as a tree, or not",
                "/             filter: part of a name, or",
                "              a pattern; Escape ends it",
                "b             figures in bytes",
                "Space         look now",
                "+ -           look less often, more often",
                "h ?           this",
                "q             quit",
                "",
                "Yellow: a working set of 3/4 of the limit",
                "Red:    a working set of 9/10 of it",
                "TREND:  working sets of the last looks",
        };

        (void) erase();
        for (guint i = 0; i < G_N_ELEMENTS(help) && (int) i < LINES; i++)
                (void) mvaddnstr((int) i, 0, help[i], COLS);
        (void) refresh();
        wait_for_key();
}

void screen_lend(void (*print)(void *userdata), void *userdata) {
        (void) erase();
        (void) clearok(stdscr, TRUE);
        (void) move(0, 0);
        (void) refresh();

        (void) reset_shell_mode();
        print(userdata);
        (void) fputs("\nPress any key.", stdout);
        (void) fflush(stdout);
        (void) reset_prog_mode();
        wait_for_key();
}
