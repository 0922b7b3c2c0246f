/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "outcome.h"
#include "size.h"

/* How often something has happened meanwhile is said only if it is known. */
static void test_growth(void) {
        static const struct {
                const char *about;
                gboolean is_final;
                guint64 before, after, wanted;
        } cases[] = {
                { "none", TRUE, 3, 3, 0 },
                { "some", TRUE, 3, 5, 2 },
                { "at least these", FALSE, 3, 5, 2 },
                { "none up to the last look", FALSE, 3, 3, SIZE_UNKNOWN },
                { "no count before", TRUE, SIZE_UNKNOWN, 5, SIZE_UNKNOWN },
                { "no count after", TRUE, 3, SIZE_UNKNOWN, SIZE_UNKNOWN },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Snapshot before = { .events.oom_kill = cases[i].before };
                Snapshot after = { .events.oom_kill = cases[i].after };
                Outcome outcome = { .before = &before, .after = &after, .is_final = cases[i].is_final };

                check_number(cases[i].about, outcome_oom_kills(&outcome), cases[i].wanted);
        }
}

/* The group was gone before it was looked at again. */
static void test_one_look(void) {
        Snapshot before = { .events.oom_kill = 3 };
        Outcome none = { 0 }, one = { .before = &before, .after = &before };

        check_number("no look", outcome_oom_kills(&none), SIZE_UNKNOWN);
        check_number("one look", outcome_oom_kills(&one), SIZE_UNKNOWN);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/outcome/growth", test_growth);
        g_test_add_func("/outcome/one-look", test_one_look);
        return g_test_run();
}
