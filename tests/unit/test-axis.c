/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "axis.h"
#include "check.h"

#define MIB (UINT64_C(1) << 20)
#define SECOND UINT64_C(1000000)

typedef struct Case {
        guint64 most;
        unsigned n_most;
        const char *name, *second, *last; /* the unit, the first mark after 0, the last one */
} Case;

static void check_axis(const Case *wanted, const Axis *axis) {
        g_autofree char *about =
                g_strdup_printf("%" G_GUINT64_FORMAT " in %u", wanted->most, wanted->n_most);
        g_autofree char *second = axis_label(axis, 1), *last = axis_label(axis, axis->n_marks);

        check_text(about, axis->name, wanted->name);
        check_text(about, second, wanted->second);
        check_text(about, last, wanted->last);
        check_true(about, axis->n_marks <= wanted->n_most);
}

/* Each ends at what is wanted, or above. */
static void test_sizes(void) {
        static const Case cases[] = {
                { 64 * MIB, 8, "MiB", "10", "70" },
                { 80 * MIB, 8, "MiB", "10", "80" },
                { 80 * MIB + 1, 8, "MiB", "20", "100" },
                { 1000, 8, "B", "200", "1000" },
                { 1536, 8, "KiB", "0.2", "1.6" },
                { 1024 * MIB, 8, "MiB", "200", "1200" },
                { 1536 * MIB, 8, "GiB", "0.2", "1.6" },
                { 24576 * MIB, 8, "GiB", "5", "25" },
                { 0, 8, "B", "0.2", "1.0" },
                { G_MAXUINT64, 8, "TiB", "5000000", "20000000" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Axis axis = axis_of_size(cases[i].most, cases[i].n_most);

                check_axis(&cases[i], &axis);
                check_true("room", axis_mark(&axis, axis.n_marks) >= (double) cases[i].most);
        }
}

/* Each ends at what is wanted, or below: there is nothing behind. */
static void test_times(void) {
        static const Case cases[] = {
                { 1700000, 10, "s", "0.2", "1.6" },
                { 42000, 10, "ms", "5", "40" },
                { 3 * SECOND, 10, "s", "0.5", "3.0" },
                { 90 * SECOND, 10, "s", "10", "90" },
                { 20 * 60 * SECOND, 10, "min", "2", "20" },
                { 8 * 3600 * SECOND, 10, "h", "1", "8" },
                { UINT64_C(30) * 86400 * SECOND, 10, "d", "5", "30" },
                { 0, 10, "ms", "0.1", "1.0" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Axis axis = axis_of_time(cases[i].most, cases[i].n_most);

                check_axis(&cases[i], &axis);
                check_true("within",
                           axis_mark(&axis, axis.n_marks) <= (double) MAX(cases[i].most, 1000) + 0.5);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/axis/sizes", test_sizes);
        g_test_add_func("/axis/times", test_times);
        return g_test_run();
}
