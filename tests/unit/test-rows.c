/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "rows.h"

#define UNIT(name, group, ...) \
        { (char *) (name), (char *) (group), __VA_ARGS__ }

static Unit units[] = {
        UNIT("a.slice", "/a.slice", 100, 90, 80, 20),
        UNIT("a-b.slice", "/a.slice/a-b.slice", 100, 60, 50, 20),
        UNIT("web.service", "/a.slice/a-b.slice/web.service", 200, 30, 20, 20),
        UNIT("worker.service", "/a.slice/worker.service", 40, 30, 30, 10),
        /* In no group of a unit: what lies between is none. */
        UNIT("inner.service", "/a.slice/worker.service/payload/inner.service", 40, 4, 4, 10),
        UNIT("b.slice", "/b.slice", 1000, 10, 10, 990),
        UNIT("db.service", "/b.slice/db.service", 1000, G_MAXUINT64, G_MAXUINT64, G_MAXUINT64),
};

/* The rows as text, with a dash for each step in the tree. */
static char *describe(const Arrangement *arrangement) {
        g_autoptr(GPtrArray) array = g_ptr_array_new();
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GArray) rows = NULL;

        for (guint i = 0; i < G_N_ELEMENTS(units); i++)
                g_ptr_array_add(array, &units[i]);
        rows = rows_arrange(array, arrangement);
        for (guint i = 0; i < rows->len; i++) {
                const Row *row = &g_array_index(rows, Row, i);

                g_string_append_printf(
                        text, "%s%.*s%s", i > 0 ? " " : "", (int) row->depth, "-------", row->unit->name);
        }
        return g_string_free(g_steal_pointer(&text), FALSE);
}

static void test_arrange(void) {
        static const struct {
                const char *order;
                gboolean reverse, is_tree;
                const char *filter, *rows;
        } cases[] = {
                { "name",
                  FALSE,
                  FALSE,
                  "",
                  "a-b.slice a.slice b.slice db.service inner.service web.service worker.service" },
                { "name",
                  TRUE,
                  FALSE,
                  "",
                  "worker.service web.service inner.service db.service b.slice a.slice a-b.slice" },
                { "working-set",
                  FALSE,
                  FALSE,
                  "",
                  "a.slice a-b.slice worker.service web.service b.slice inner.service db.service" },
                { "percent",
                  FALSE,
                  FALSE,
                  "service",
                  "worker.service inner.service web.service db.service" },
                { "name", FALSE, FALSE, "w*.service", "web.service worker.service" },
                { "name", FALSE, FALSE, "nothing", "" },
                { "name",
                  FALSE,
                  TRUE,
                  "",
                  "a.slice -a-b.slice --web.service -worker.service --inner.service b.slice -db.service" },
                { "name",
                  TRUE,
                  TRUE,
                  "",
                  "b.slice -db.service a.slice -worker.service --inner.service -a-b.slice --web.service" },
                { "available", FALSE, TRUE, "b.s", "b.slice -db.service a.slice -a-b.slice --web.service" },
                { "name", FALSE, TRUE, "inner*", "a.slice -worker.service --inner.service" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Arrangement arrangement = { .is_tree = cases[i].is_tree, .filter = cases[i].filter };
                g_autofree char *rows = NULL;

                g_assert_true(units_order_find(cases[i].order, &arrangement.order));
                arrangement.order.reverse = cases[i].reverse;
                rows = describe(&arrangement);
                g_assert_cmpstr(rows, ==, cases[i].rows);
        }
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rows/arrange", test_arrange);
        return g_test_run();
}
