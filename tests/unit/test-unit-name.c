/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "unit-name.h"

static void test_valid(void) {
        static const struct {
                const char *name;
                bool is_valid;
        } cases[] = {
                { "a.service", true },
                { "dbus-broker.service", true },
                { "session-1.scope", true },
                { "user-1000.slice", true },
                { "-.slice", true },
                { "-.mount", true },
                { "dbus.socket", true },
                { "home.mount", true },
                { "dev-sda2.swap", true },
                { "multi-user.target", true },
                { "logrotate.timer", true },
                { "cups.path", true },
                { "dev-ttyS0.device", true },
                { "proc-sys-fs-binfmt_misc.automount", true },
                { "a.b.c.service", true },
                { "A0:-_.\\x2d@b.service", true },
                { "user@1000.service", true },
                { "a@b@c.service", true },
                { "a@b.c.service", true },
                { "_a.service", true },
                { "service.service", true },
                { "", false },
                { "a", false },
                { "service", false },
                { ".service", false },
                { "a.", false },
                { "a.Service", false },
                { "a.services", false },
                { "a.servic", false },
                { "a.conf", false },
                { "a.service ", false },
                { "a.service\n", false },
                { " a.service", false },
                { "a b.service", false },
                { "a/b.service", false },
                { "a*.service", false },
                { "a?.service", false },
                { "[a].service", false },
                { "a%b.service", false },
                { "\xc3\xa4.service", false },
                { "a\xff.service", false },
                { "a\x01.service", false },
                { "a@.service", false }, /* a template cannot run */
                { "@.service", false },
                { "@a.service", false },
                { "a.service.d", false },
                { "docker-0123.scope (deleted)", false },
                { "kubepods", false },
                { "init.scope", true },
                { "a.busname", false },
                { "a.snapshot", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_number(cases[i].name,
                             unit_name_is_valid(cases[i].name, strlen(cases[i].name)),
                             cases[i].is_valid);

        /* The name ends where its length says. */
        g_assert_true(unit_name_is_valid("a.service/b", strlen("a.service")));
        g_assert_false(unit_name_is_valid("a.service", strlen("a.servic")));
        g_assert_false(unit_name_is_valid("a.service", 0));
        g_assert_false(unit_name_is_valid("a\0b.service", strlen("a.b.service")));
}

static void test_length(void) {
        static const struct {
                size_t length;
                bool is_valid;
        } cases[] = { { 254, true }, { 255, true }, { 256, false }, { 300, false }, { 5000, false } };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *name = g_strnfill(cases[i].length, 'a');

                memcpy(name + cases[i].length - strlen(".scope"), ".scope", strlen(".scope"));
                check_number(name, unit_name_is_valid(name, cases[i].length), cases[i].is_valid);
        }
}

static void test_slice(void) {
        static const struct {
                const char *name;
                bool is_slice;
        } cases[] = {
                { "a.slice", true }, { "-.slice", true },  { "a.service", false },
                { ".slice", false }, { "slice", false },   { "a.slice.service", false },
                { "xslice", false }, { "a_slice", false }, { "", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_number(cases[i].name,
                             unit_name_is_slice(cases[i].name, strlen(cases[i].name)),
                             cases[i].is_slice);
}

static void test_component(void) {
        static const struct {
                const char *component;
                const char *unit; /* NULL if it is none */
        } cases[] = {
                { "a.service", "a.service" },
                { "_cpu.service", "cpu.service" },
                { "__a.service", "_a.service" },
                { "_cgroup.slice", "cgroup.slice" },
                { "_.service", NULL },
                { "_", NULL },
                { "", NULL },
                { "_a@.service", NULL },
                { "app", NULL },
                { "a.service (deleted)", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *component = cases[i].component;
                size_t length = strlen(component);
                bool is_unit = unit_name_from_component(&component, &length);
                g_autofree char *unit = is_unit ? g_strndup(component, length) : NULL;

                check_text(cases[i].component, unit, cases[i].unit);
        }
}

/* 'length' is given as what leads to the unit, so that it can be read. */
static void test_from_path(void) {
        static const struct {
                const char *path;
                const char *id;
                const char *system_unit;
                const char *slice;
                const char *leading;
        } cases[] = {
                { "/", "", "", "", "" },
                { "", "", "", "", "" },
                { "/init.scope", "init.scope", "init.scope", "-.slice", "/init.scope" },
                { "/system.slice", "system.slice", "", "-.slice", "/system.slice" },
                { "/system.slice/web.service",
                  "web.service",
                  "web.service",
                  "system.slice",
                  "/system.slice/web.service" },
                /* Delegated: what the service makes below itself is not systemd's. */
                { "/system.slice/web.service/worker/1",
                  "web.service",
                  "web.service",
                  "system.slice",
                  "/system.slice/web.service" },
                { "/a.slice/a-b.slice", "a-b.slice", "", "a.slice", "/a.slice/a-b.slice" },
                { "/a.slice/a-b.slice/c.scope",
                  "c.scope",
                  "c.scope",
                  "a-b.slice",
                  "/a.slice/a-b.slice/c.scope" },
                /* A user manager: the system's unit is user@1000.service. */
                { "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
                  "app-x.scope",
                  "user@1000.service",
                  "app.slice",
                  "/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope" },
                { "/user.slice/user-1000.slice/user@1000.service/init.scope",
                  "init.scope",
                  "user@1000.service",
                  "user-1000.slice",
                  "/user.slice/user-1000.slice/user@1000.service/init.scope" },
                { "/user.slice/user-1000.slice/session-1.scope",
                  "session-1.scope",
                  "session-1.scope",
                  "user-1000.slice",
                  "/user.slice/user-1000.slice/session-1.scope" },
                { "/system.slice/_cpu.service/x",
                  "cpu.service",
                  "cpu.service",
                  "system.slice",
                  "/system.slice/_cpu.service" },
                { "/docker/0123456789ab", "", "", "", "" },
                { "/docker/0123/system.slice/a.service",
                  "a.service",
                  "a.service",
                  "system.slice",
                  "/docker/0123/system.slice/a.service" },
                { "/kubepods.slice/kubepods-burstable.slice/cri-containerd-01.scope",
                  "cri-containerd-01.scope",
                  "cri-containerd-01.scope",
                  "kubepods-burstable.slice",
                  "/kubepods.slice/kubepods-burstable.slice/cri-containerd-01.scope" },
                /* Templates and names with blanks are no units. */
                { "/system.slice/a@.service", "system.slice", "", "-.slice", "/system.slice" },
                { "/system.slice/a b.service", "system.slice", "", "-.slice", "/system.slice" },
                { "/system.slice/a.service (deleted)", "system.slice", "", "-.slice", "/system.slice" },
                { "/system.slice/a:b.service",
                  "a:b.service",
                  "a:b.service",
                  "system.slice",
                  "/system.slice/a:b.service" },
                { "/system.slice//a.service/",
                  "a.service",
                  "a.service",
                  "system.slice",
                  "/system.slice//a.service" },
                { "/../a.service", "a.service", "a.service", "-.slice", "/../a.service" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *path = cases[i].path;
                _cleanup_(unit_names_done) UnitNames names = { 0 };

                if (!check_number(path, unit_names_from_path(path, &names), 0))
                        continue;
                check_text(path, names.id, cases[i].id);
                check_text(path, names.system_unit, cases[i].system_unit);
                check_text(path, names.slice, cases[i].slice);
                check_size(path, names.length, strlen(cases[i].leading));
        }
}

static void test_done(void) {
        UnitNames names = { 0 };

        unit_names_done(&names);
        g_assert_cmpint(unit_names_from_path("/a.service", &names), ==, 0);
        unit_names_done(&names);
        g_assert_null(names.id);
        g_assert_null(names.system_unit);
        g_assert_null(names.slice);
        unit_names_done(&names);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/unit-name/valid", test_valid);
        g_test_add_func("/unit-name/length", test_length);
        g_test_add_func("/unit-name/slice", test_slice);
        g_test_add_func("/unit-name/component", test_component);
        g_test_add_func("/unit-name/from-path", test_from_path);
        g_test_add_func("/unit-name/done", test_done);
        return g_test_run();
}
