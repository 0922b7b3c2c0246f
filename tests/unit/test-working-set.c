/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "working-set.h"

static void test_recent(void) {
        static const struct {
                uint64_t read_at, now;
                bool wanted;
        } cases[] = {
                { 5000000, 5000000, true },
                { 5000000, 6999999, true },
                { 5000000, 7000000, false },
                { 5000000, 9000000, false },
                /* Never, also right after boot. */
                { 0, 1, false },
                { 0, 9000000, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("case %zu", i);
                WorkingSet remembered = { .read_at_usec = cases[i].read_at };

                check_number(about, working_set_is_recent(&remembered, cases[i].now), cases[i].wanted);
        }
}

/* 100 bytes were used, 60 of them the working set. */
static void test_now(void) {
        static const struct {
                uint64_t usage, wanted;
        } cases[] = {
                { 100, 60 },
                /* What was added counts as used. */
                { 101, 61 },
                { 1100, 1060 },
                /* What was given back may have been cache. */
                { 99, 60 },
                { 60, 60 },
                { 59, 59 },
                { 0, 0 },
        };
        const WorkingSet remembered = { 100, 60, 1 };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("usage %zu", (size_t) cases[i].usage);

                check_size(about, working_set_now(&remembered, cases[i].usage), cases[i].wanted);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/working-set/recent", test_recent);
        g_test_add_func("/working-set/now", test_now);
        return g_test_run();
}
