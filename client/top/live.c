/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <curses.h>
#include <signal.h>
#include <unistd.h>

#include "exit-code.h"
#include "keys.h"
#include "live.h"
#include "screen.h"
#include "view.h"

static volatile sig_atomic_t caught_signal = 0;

static void on_signal(int number) {
        caught_signal = number;
}

static void catch_signals(void) {
        static const int numbers[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1,
                                       SIGUSR2, SIGALRM, SIGPIPE, SIGXCPU, SIGVTALRM };
        const struct sigaction action = { .sa_handler = on_signal };

        for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
                (void) sigaction(numbers[i], &action, NULL);
}

static void draw(const Overview *overview) {
        view_draw(&(View) {
                .rows = overview->rows,
                .histories = overview->histories,
                .arrangement = &overview->arrangement,
                .machine = overview->has_machine ? &overview->machine : NULL,
                .n_units = overview->units->len,
                .selected = overview->row,
                .bytes = overview->options.bytes,
                .is_typing = overview->is_typing,
                .is_read_here = overview->is_read_here,
                .message = overview->message,
        });
}

static int read_key(const Overview *overview) {
        gint64 now = g_get_monotonic_time();

        timeout(overview->look_at_usec > now ? (int) ((overview->look_at_usec - now + 999) / 1000) : 0);
        return getch();
}

/* Without one there is nothing to be read from it, at once and for ever: it was hung up. */
gboolean live_is_possible(void) {
        return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int live_run(Overview *overview) {
        g_autofree char *message = NULL;
        gboolean goes_on = TRUE;
        int r, key;

        r = overview_look(overview);
        if (r < 0) {
                g_printerr("mymem: %s\n", overview->message);
                return exit_code_from_error(r);
        }
        if (!screen_begin(&message)) {
                g_printerr("mymem: %s\n", message);
                return EXIT_CODE_FAILURE;
        }
        catch_signals();
        /* What is printed would be in the picture, which says the same. */
        overview->options.verbose = FALSE;

        while (goes_on && caught_signal == 0) {
                draw(overview);
                key = read_key(overview);
                if (key == ERR && !live_is_possible())
                        break;
                if (key != ERR && key != KEY_RESIZE)
                        goes_on = keys_press(overview, key);
                /* Keys without a pause, as when something is pasted, do not keep it from looking. */
                if (goes_on && caught_signal == 0 && g_get_monotonic_time() >= overview->look_at_usec) {
                        if (overview_is_over(overview))
                                break;
                        /* What fails now may not fail the next time; the last figures stay until then. */
                        (void) overview_look(overview);
                }
        }

        screen_end();
        if (caught_signal == 0)
                return EXIT_CODE_OK;

        /* The terminal is as it was: who sent the signal shall see what it did. */
        (void) signal(caught_signal, SIG_DFL);
        (void) raise(caught_signal);
        return EXIT_CODE_FAILURE;
}
