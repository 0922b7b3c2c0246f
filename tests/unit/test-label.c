/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "label.h"
#include "names.h"

/* Both ways. */
static void test_round_trip(void) {
        static const struct {
                const char *control_group, *object_path;
        } cases[] = {
                { "/", "/org/mymem1/unit" },
                { "/a", "/org/mymem1/unit/a" },
                { "/system.slice/web.service", "/org/mymem1/unit/system_2eslice/web_2eservice" },
                { "/user.slice/user-1000.slice", "/org/mymem1/unit/user_2eslice/user_2d1000_2eslice" },
                { "/user@1000.service", "/org/mymem1/unit/user_401000_2eservice" },
                { "/dev-disk-a\\x2db.swap", "/org/mymem1/unit/dev_2ddisk_2da_5cx2db_2eswap" },
                { "/a b", "/org/mymem1/unit/a_20b" },
                { "/a:b", "/org/mymem1/unit/a_3ab" },
                { "/a_b", "/org/mymem1/unit/a_5fb" },
                { "/_", "/org/mymem1/unit/_5f" },
                { "/...", "/org/mymem1/unit/_2e_2e_2e" },
                { "/..a", "/org/mymem1/unit/_2e_2ea" },
                { "/1", "/org/mymem1/unit/_31" }, /* a digit in front is written in full */
                { "/1a/a1", "/org/mymem1/unit/_31a/a1" },
                { "/\xff\x01\n", "/org/mymem1/unit/_ff_01_0a" },
                { "/\xc3\xa4", "/org/mymem1/unit/_c3_a4" },
                { "/a (deleted)", "/org/mymem1/unit/a_20_28deleted_29" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                _cleanup_free_ char *object_path = NULL, *control_group = NULL;

                check_number(cases[i].control_group,
                             label_from_control_group(cases[i].control_group, &object_path),
                             0);
                check_text(cases[i].control_group, object_path, cases[i].object_path);
                check_number(cases[i].object_path,
                             label_to_control_group(cases[i].object_path, &control_group),
                             1);
                check_text(cases[i].object_path, control_group, cases[i].control_group);
        }
}

/* Object paths that name no control group. */
static void test_none(void) {
        static const char *const object_paths[] = {
                "/",
                "/org",
                "/org/mymem1",
                "/org/mymem1/self",
                "/org/mymem1/units",
                "/org/mymem1/unita",
                "/org/mymem2/unit/a",
                "/org/mymem1/unit/_2e",              /* . */
                "/org/mymem1/unit/_2e_2e",           /* .. */
                "/org/mymem1/unit/a/_2e_2e",         /* a/.. */
                "/org/mymem1/unit/_2e_2e/a",         /* ../a */
                "/org/mymem1/unit/_2f",              /* a slash */
                "/org/mymem1/unit/_2f_2e_2e_2f",     /* /../ */
                "/org/mymem1/unit/a_2fb",            /* a/b */
                "/org/mymem1/unit/_",                /* nothing */
                "/org/mymem1/unit/a/_",              /* a, and nothing */
                "/org/mymem1/unit/_00",              /* NUL */
                "/org/mymem1/unit/a_00b",            /* a, NUL, b */
                "/org/mymem1/unit/web_2eservice_00", /* a name, and NUL */
                "/org/mymem1/unit/system_2Eslice",   /* aliases of other labels */
                "/org/mymem1/unit/_77eb",
                "/org/mymem1/unit/1",
                "/org/mymem1/unit/a_",
                "/org/mymem1/unit/a_2",
                "/org/mymem1/unit/a_zz",
                "/org/mymem1/unit/a_b",
                "/org/mymem1/unit/__",
                "/org/mymem1/unit/system_2eslice/web_2Eservice",
                "/org/mymem1/unit/system_2Eslice/web_2eservice",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(object_paths); i++) {
                char *control_group = NULL;

                check_number(object_paths[i], label_to_control_group(object_paths[i], &control_group), 0);
                check_text(object_paths[i], control_group, NULL);
        }
}

/* Every byte that a name can hold. */
static void test_every_byte(void) {
        for (int byte = 1; byte < 256; byte++) {
                g_autofree char *wanted = g_strdup_printf("/x%c", (char) byte);
                _cleanup_free_ char *object_path = NULL, *control_group = NULL;

                if (byte == '/')
                        continue;
                check_number(wanted, label_from_control_group(wanted, &object_path), 0);
                check_true(wanted,
                           strspn(object_path,
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/") ==
                                   strlen(object_path));
                check_number(object_path, label_to_control_group(object_path, &control_group), 1);
                check_text(object_path, control_group, wanted);
        }
}

/* Names of the longest kind, one below the other. */
static void test_long(void) {
        g_autofree char *name = g_strnfill(255, '.');
        g_autofree char *wanted = g_strdup_printf("/%s/%s/%s", name, name, name);
        _cleanup_free_ char *object_path = NULL, *control_group = NULL;

        g_assert_cmpint(label_from_control_group(wanted, &object_path), ==, 0);
        g_assert_cmpuint(strlen(object_path), ==, strlen(MYMEM_UNIT_PATH) + 3 * (1 + 255 * strlen("_2e")));
        g_assert_cmpint(label_to_control_group(object_path, &control_group), ==, 1);
        g_assert_cmpstr(control_group, ==, wanted);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/label/round-trip", test_round_trip);
        g_test_add_func("/label/none", test_none);
        g_test_add_func("/label/every-byte", test_every_byte);
        g_test_add_func("/label/long", test_long);
        return g_test_run();
}
