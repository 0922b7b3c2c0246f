/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>

#include "failure-reply.h"
#include "unit-list.h"

#define MANY 10000
#define MANY_SIZE (3 * 1024 * 1024) /* of so many with names as systemd makes them, and less */
#define LENGTHY 4000

static void add(UnitList *list, const char *name, const char *place, uint64_t usage) {
        const ListedUnit figures = { .limit = 1, .usage = usage, .working_set = 2, .available = UINT64_MAX };

        g_assert_cmpint(unit_list_add(list, &figures, name, place), ==, 0);
}

/* All come out as they went in, whatever the length of their names. */
static void test_order(void) {
        static const char *const names[] = { "", "a", "ab", "abcdefg", "abcdefgh", "abcdefghi" };
        UnitList *list = unit_list_new(), *same = unit_list_ref(list);
        const ListedUnit *unit;
        size_t offset = 0;

        g_assert_null(unit_list_at(list, 0));
        g_assert_cmpuint(unit_list_size(list), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                add(list, names[i], names[G_N_ELEMENTS(names) - 1 - i], i);
        unit_list_unref(list);

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++, offset += unit->size) {
                unit = unit_list_at(same, offset);
                g_assert_nonnull(unit);
                g_assert_cmpstr(unit->text, ==, names[i]);
                g_assert_cmpstr(listed_unit_place(unit), ==, names[G_N_ELEMENTS(names) - 1 - i]);
                g_assert_cmpuint(unit->limit, ==, 1);
                g_assert_cmpuint(unit->usage, ==, i);
                g_assert_cmpuint(unit->working_set, ==, 2);
                g_assert_cmpuint(unit->available, ==, UINT64_MAX);
        }
        g_assert_null(unit_list_at(same, offset));
        g_assert_cmpuint(unit_list_size(same), ==, offset);
        unit_list_unref(same);
}

/* The first of that name. */
static void test_find(void) {
        UnitList *list = unit_list_new();

        add(list, "a.service", "/a", 0);
        add(list, "b.service", "/b", 0);
        add(list, "a.service", "/c", 0);
        g_assert_cmpstr(unit_list_find(list, "a.service"), ==, "/a");
        g_assert_cmpstr(unit_list_find(list, "b.service"), ==, "/b");
        g_assert_null(unit_list_find(list, "c.service"));
        g_assert_null(unit_list_find(list, ""));
        unit_list_unref(list);
}

/* Those of a large machine have room, and little is needed for them. */
static void test_many(void) {
        UnitList *list = unit_list_new();

        for (unsigned i = 0; i < MANY; i++) {
                g_autofree char *name = g_strdup_printf("run-p%08u-i%08u-of-some-length.service", i, i),
                                *place =
                                        g_strdup_printf("/org/mymem1/unit/system_2eslice/run_2dp%08u_2di%08u"
                                                        "_2dof_2dsome_2dlength_2eservice",
                                                        i,
                                                        i);

                add(list, name, place, i);
        }
        g_assert_cmpuint(unit_list_size(list), <, MANY_SIZE);
        g_assert_nonnull(unit_list_find(list, "run-p00009999-i00009999-of-some-length.service"));
        unit_list_unref(list);
}

/* What has been delegated to somebody may be as much as they like. */
static void test_bound(void) {
        g_autofree char *lengthy = g_strnfill(LENGTHY, 'a');
        UnitList *list = unit_list_new();
        size_t size;
        int r;

        do {
                size = unit_list_size(list);
                g_assert_cmpuint(size, <=, 4 * 1024 * 1024);
                r = unit_list_add(list, &(ListedUnit) { 0 }, "a.service", lengthy);
        } while (r == 0);
        g_assert_cmpint(r, ==, -ERROR_LIMITS_EXCEEDED);
        g_assert_cmpuint(unit_list_size(list), ==, size);
        g_assert_cmpuint(size, >, 4 * 1024 * 1024 - 2 * LENGTHY);
        add(list, "b.service", "/b", 0);
        unit_list_unref(list);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/unit-list/order", test_order);
        g_test_add_func("/unit-list/find", test_find);
        g_test_add_func("/unit-list/many", test_many);
        g_test_add_func("/unit-list/bound", test_bound);
        return g_test_run();
}
