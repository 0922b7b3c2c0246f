/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bound.h"
#include "check.h"
#include "size.h"

static void test_names(void) {
        static const struct {
                const char *by, *unit, *control_group;
                enum mymem_by wanted;
        } cases[] = {
                { "/a.slice/b.service", "b.service", "/a.slice/b.service", MYMEM_BY_UNIT },
                { "/a.slice/b.service/x/y", "b.service", "/a.slice/b.service", MYMEM_BY_UNIT },
                { "/a.slice", "b.service", "/a.slice/b.service", MYMEM_BY_ANCESTOR },
                { "/", "b.service", "/a.slice/b.service", MYMEM_BY_MACHINE },
                { "", "b.service", "/a.slice/b.service", MYMEM_BY_UNKNOWN },
                /* The reported group is below the unit: what lies between is not above the unit. */
                { "/a.slice/b.service", "b.service", "/a.slice/b.service/x/y", MYMEM_BY_UNIT },
                { "/a.slice/b.service/x", "b.service", "/a.slice/b.service/x/y", MYMEM_BY_UNIT },
                { "/a.slice", "b.service", "/a.slice/b.service/x/y", MYMEM_BY_ANCESTOR },
                /* The innermost component of that name is the unit. */
                { "/b.slice", "b.slice", "/b.slice/b.slice", MYMEM_BY_ANCESTOR },
                /* systemd's escape. */
                { "/a.slice/_cpu.service", "cpu.service", "/a.slice/_cpu.service/x", MYMEM_BY_UNIT },
                /* A user's unit on v1, with the figures of another group; no unit at all. */
                { "/u.slice/user@1.service", "d.scope", "/u.slice/user@1.service", MYMEM_BY_UNIT },
                { "/u.slice", "d.scope", "/u.slice/user@1.service", MYMEM_BY_ANCESTOR },
                { "/x/y", "", "/x/y", MYMEM_BY_UNIT },
                { "/x", "", "/x/y", MYMEM_BY_ANCESTOR },
                /* In a namespace, the unit's group is the root of what is seen. */
                { "/..", "b.service", "/", MYMEM_BY_ANCESTOR },
                { "/../..", "b.service", "/", MYMEM_BY_ANCESTOR },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_number(cases[i].by,
                             bound_from_names(cases[i].by, cases[i].unit, cases[i].control_group),
                             cases[i].wanted);
}

/* "/" is the machine, or our own group in a namespace. */
static void test_root(void) {
        static const struct {
                uint64_t max, high, available;
                enum mymem_by wanted;
        } cases[] = {
                { SIZE_UNLIMITED, SIZE_UNLIMITED, 60, MYMEM_BY_MACHINE },
                { 100, SIZE_UNLIMITED, 60, MYMEM_BY_UNIT },
                { 200, 100, 60, MYMEM_BY_UNIT },
                { 100, SIZE_UNLIMITED, 50, MYMEM_BY_MACHINE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                char root[] = "/", unit[] = "b.service", none[] = "";
                Snapshot snapshot = { .id = unit,
                                      .control_group = root,
                                      .available_by = root,
                                      .limit_by = none,
                                      .high_limit_by = none,
                                      .swap_limit_by = root,
                                      .max = cases[i].max,
                                      .high = cases[i].high,
                                      .working_set = 40,
                                      .available = cases[i].available };

                check_number("root", bound_from_snapshot(&snapshot), cases[i].wanted);
        }
}

/* In a container all is seen from the unit, and the machine would be "/../..". */
static void test_container(void) {
        static const struct {
                const char *available_by, *limit_by, *control_group;
                enum mymem_by wanted;
        } cases[] = {
                { "/", "/..", "/", MYMEM_BY_UNIT },   { "/", "/..", "/x", MYMEM_BY_UNIT },
                { "/x", "/..", "/x", MYMEM_BY_UNIT }, { "/..", "/", "/", MYMEM_BY_ANCESTOR },
                { "/", "/", "/x", MYMEM_BY_MACHINE }, { "/", "/..x", "/..x", MYMEM_BY_MACHINE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *by = g_strdup(cases[i].available_by),
                                *limit_by = g_strdup(cases[i].limit_by),
                                *control_group = g_strdup(cases[i].control_group);
                char unit[] = "b.service", none[] = "";
                Snapshot snapshot = { .id = unit,
                                      .control_group = control_group,
                                      .available_by = by,
                                      .limit_by = limit_by,
                                      .high_limit_by = none,
                                      .swap_limit_by = none,
                                      .max = SIZE_UNLIMITED,
                                      .high = SIZE_UNLIMITED };

                check_number(cases[i].limit_by, bound_from_snapshot(&snapshot), cases[i].wanted);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/bound/names", test_names);
        g_test_add_func("/bound/root", test_root);
        g_test_add_func("/bound/container", test_container);
        return g_test_run();
}
