/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "history.h"
#include "size.h"

static Unit unit = { .name = (char *) "web.service", .control_group = (char *) "/web.service" };
static Unit other = { .name = (char *) "db.service", .control_group = (char *) "/db.service" };

static void look(Histories *histories, guint64 working_set, gboolean with_other) {
        g_autoptr(GPtrArray) units = g_ptr_array_new();

        unit.working_set = working_set;
        g_ptr_array_add(units, &unit);
        if (with_other)
                g_ptr_array_add(units, &other);
        histories_add(histories, units);
}

static void check_drawn(const Histories *histories,
                        const Unit *which,
                        gboolean is_utf8,
                        const char *wanted) {
        g_autofree char *line = histories_draw(histories, which, is_utf8);

        g_assert_cmpstr(line, ==, wanted);
}

static void test_draw(void) {
        static const guint64 values[] = { 0, 1, 200, 400, 800, SIZE_UNKNOWN, 600 };
        g_autoptr(Histories) histories = histories_new();

        check_drawn(histories, &unit, TRUE, "");
        for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
                look(histories, values[i], FALSE);
        check_drawn(histories, &unit, TRUE, " ▁▃▅█?▆");
        check_drawn(histories, &unit, FALSE, " _-+#?*");
        check_drawn(histories, &other, TRUE, "");
}

/* As many as there is room for, the oldest go first; and the largest is that of those. */
static void test_full(void) {
        g_autoptr(Histories) histories = histories_new();

        look(histories, 1000000, FALSE);
        for (guint i = 0; i < HISTORY_MAX - 1; i++)
                look(histories, 100, FALSE);
        check_drawn(histories, &unit, FALSE, "#_______________");
        look(histories, 100, FALSE);
        check_drawn(histories, &unit, FALSE, "################");
}

/* A unit that comes again begins anew. */
static void test_gone(void) {
        g_autoptr(Histories) histories = histories_new();

        other.working_set = 5;
        look(histories, 1, TRUE);
        look(histories, 1, TRUE);
        check_drawn(histories, &other, FALSE, "##");
        look(histories, 1, FALSE);
        check_drawn(histories, &other, FALSE, "");
        look(histories, 1, TRUE);
        check_drawn(histories, &other, FALSE, "#");
        check_drawn(histories, &unit, FALSE, "####");
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/history/draw", test_draw);
        g_test_add_func("/history/full", test_full);
        g_test_add_func("/history/gone", test_gone);
        return g_test_run();
}
