/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <sys/resource.h>

#include "pseudo-terminal.h"
#include "row.h"
#include "run.h"
#include "units.h"

/* What `mymem top` takes of one processor while it is on, with as many units as that. */

#define LOOKS "4"

static const struct {
        guint n_units;
        double target;
} cases[] = { { 100, 0.01 }, { 10000, 0.10 } };

static double children_seconds(void) {
        struct rusage usage;

        g_assert_cmpint(getrusage(RUSAGE_CHILDREN, &usage), ==, 0);
        return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void say(guint n_units, double used, double passed, double target) {
        g_autofree char *what = g_strdup_printf("`mymem top` of %u units", n_units);
        double ours[SAMPLES_ROUNDS], all[SAMPLES_ROUNDS];

        for (size_t i = 0; i < SAMPLES_ROUNDS; i++) {
                ours[i] = used * 1e6;
                all[i] = passed * 1e6;
        }
        row_ratio(&(Row) { what, "one processor", .at_most = target }, ours, all);
}

static void test_processor(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *directory =
                        g_strconcat("MYMEM_EXEC_PATH=", g_getenv("MYMEM_EXEC_PATH"), NULL);
                Slice *slice = slice_new();
                gint64 begin;
                double used;

                if (!slice)
                        return;
                units_make(slice, cases[i].n_units);

                begin = g_get_monotonic_time();
                used = children_seconds();
                g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                        100, WORDS(directory, "TERM=linux"), WORDS("top", "--direct", "-n", LOOKS));
                g_assert_cmpint(pseudo_terminal_wait(terminal), ==, EXIT_SUCCESS);
                used = children_seconds() - used;
                g_test_message("%u units: %.3f s", cases[i].n_units, used);
                say(cases[i].n_units,
                    used,
                    (double) (g_get_monotonic_time() - begin) / G_USEC_PER_SEC,
                    cases[i].target);
                slice_free(slice);
        }
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/top/processor", test_processor);
        return g_test_run();
}
