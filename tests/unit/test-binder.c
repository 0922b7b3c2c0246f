/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "binder.h"
#include "check.h"

static void test_name(void) {
        static const struct {
                const char *by, *name;
                gboolean is_unit;
        } cases[] = {
                { "/", "the machine", FALSE },
                { "", "", FALSE },
                { "/system.slice", "system.slice", TRUE },
                { "/system.slice/web.service", "web.service", TRUE },
                { "/web.slice/web-a.slice/run-u1.scope", "run-u1.scope", TRUE },
                { "/system.slice/web.service/worker", "/system.slice/web.service/worker", FALSE },
                { "/system.slice/web.service/", "/system.slice/web.service/", FALSE },
                { "/docker/0123", "/docker/0123", FALSE },
                { "RLIMIT_AS", "RLIMIT_AS", FALSE },
                { "web.service", "web.service", FALSE }, /* no control group */
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *name = binder_name(cases[i].by), *unit = NULL;

                check_text(cases[i].by, name, cases[i].name);
                check_number(cases[i].by, binder_is_unit(cases[i].by, &unit), cases[i].is_unit);
                check_text(cases[i].by, unit, cases[i].is_unit ? cases[i].name : NULL);
        }
}

static void test_find(void) {
        SnapshotLevel levels[] = {
                { .control_group = (char *) "/a.slice/b.service" },
                { .control_group = (char *) "/a.slice" },
                { .control_group = (char *) "/" },
        };
        Snapshot snapshot = { .levels = levels, .n_levels = G_N_ELEMENTS(levels) }, none = { 0 };

        check_true("/", binder_find(&snapshot, "/") == &levels[2]);
        check_true("/a.slice", binder_find(&snapshot, "/a.slice") == &levels[1]);
        check_true("/a.slice/b.service", binder_find(&snapshot, "/a.slice/b.service") == &levels[0]);
        check_true("/a", !binder_find(&snapshot, "/a"));
        check_true("RLIMIT_AS", !binder_find(&snapshot, "RLIMIT_AS"));
        check_true("no chain", !binder_find(&none, "/"));
}

/* Whose manager can change the unit. */
static void test_manager(void) {
        static const struct {
                const char *control_group;
                BinderManager manager;
                guint64 uid;
        } cases[] = {
                { "/web.service", BINDER_SYSTEM, 0 },
                { "/system.slice/web.service", BINDER_SYSTEM, 0 },
                { "/a.slice/a-b.slice", BINDER_SYSTEM, 0 },
                { "/user.slice/user-1000.slice/user@1000.service", BINDER_SYSTEM, 0 },
                { "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", BINDER_USER, 1000 },
                { "/user.slice/user-0.slice/user@0.service/init.scope", BINDER_USER, 0 },
                /* What a unit delegates to is its own, and a container's. */
                { "/system.slice/deleg.service/worker.scope", BINDER_OTHER, 0 },
                { "/machine.slice/box.scope/payload/system.slice/nginx.service", BINDER_OTHER, 0 },
                { "/machine.slice/box.scope/system.slice/nginx.service", BINDER_OTHER, 0 },
                { "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service/b.scope",
                  BINDER_OTHER,
                  0 },
                { "/docker/web.service", BINDER_OTHER, 0 },
                { "/a.slice/user@x.service/b.service", BINDER_OTHER, 0 },
                { "/a.slice/user@1000.slice/b.service", BINDER_SYSTEM, 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                guint64 uid = 0;

                check_number(cases[i].control_group,
                             binder_manager(cases[i].control_group, &uid),
                             cases[i].manager);
                check_size(cases[i].control_group, uid, cases[i].uid);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/binder/name", test_name);
        g_test_add_func("/binder/manager", test_manager);
        g_test_add_func("/binder/find", test_find);
        return g_test_run();
}
