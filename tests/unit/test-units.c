/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "units.h"
#include "web.h"

static void test_is_pattern(void) {
        static const struct {
                const char *text;
                gboolean is_pattern;
        } cases[] = {
                { "web*", TRUE },
                { "?eb", TRUE },
                { "[wx]eb", TRUE },
                { "*", TRUE },
                { "we[b", TRUE },
                { "web", FALSE },
                { "", FALSE },
                { "42", FALSE },
                { "web]", FALSE },
                { "/a*", FALSE }, /* a control group may be called so */
                { "dev-\\x2a.swap", FALSE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_number(cases[i].text, units_is_pattern(cases[i].text), cases[i].is_pattern);
}

static void test_match(void) {
        static const struct {
                const char *pattern, *names;
        } cases[] = {
                { "*", "free.slice one.service sys.slice web.service" },
                { "*.slice", "free.slice sys.slice" },
                { "?eb.service", "web.service" },
                { "[a-o]*", "free.slice one.service" },
                { "[!a-o]*", "sys.slice web.service" },
                { "web", "" }, /* no pattern: nothing is added to it */
                { "worker*", "" },
                { "plain*", "" },
                { "*\\*", "" },
                { "", "" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Options options = { .sysroot = capture->directory };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *message = NULL, *joined = NULL;
                g_autoptr(GPtrArray) names = NULL;

                check_number(cases[i].pattern, units_match(&options, cases[i].pattern, &names, &message), 0);
                g_ptr_array_add(names, NULL);
                joined = g_strjoinv(" ", (char **) names->pdata);
                check_text(cases[i].pattern, joined, cases[i].names);
        }
}

static void test_find(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Options options = { .sysroot = capture->directory };
        g_autofree char *message = NULL;
        g_autoptr(GPtrArray) units = NULL;

        check_number("find", units_find(&options, &units, &message), 0);
        /* Those of free.slice, whose statistics nobody can read, are left out. */
        check_size("units", units->len, 2);
        for (guint i = 0; i < units->len; i++) {
                const Unit *unit = g_ptr_array_index(units, i);

                if (!g_str_equal(unit->name, "web.service"))
                        continue;
                /* 256 MiB of its own, 128 used, 28 of them inactive; 192 - 100 below its high limit. */
                check_text(unit->name, unit->control_group, "/sys.slice/web.service");
                check_size(unit->name, unit->limit, 256 * CAPTURE_MIB);
                check_size(unit->name, unit->usage, 128 * CAPTURE_MIB);
                check_size(unit->name, unit->working_set, 100 * CAPTURE_MIB);
                check_size(unit->name, unit->available, 92 * CAPTURE_MIB);
                return;
        }
        g_test_fail();
}

/* A machine that is not there, and one without the controller. */
static void test_errors(void) {
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_MEMINFO "@file proc/self/mountinfo\n22 1 0:20 / /sys rw - sysfs sysfs rw\n");
        Options nowhere = { .sysroot = "/nonexistent" }, bare = { .sysroot = capture->directory };
        Options own = { .sysroot = capture->directory, .user = TRUE };
        const Options *const cases[] = { &nowhere, &bare, &own };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *message = NULL;
                g_autoptr(GPtrArray) names = NULL;

                check_true("match", units_match(cases[i], "*", &names, &message) < 0);
                check_true("match", message && !names);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/units/is-pattern", test_is_pattern);
        g_test_add_func("/units/match", test_match);
        g_test_add_func("/units/find", test_find);
        g_test_add_func("/units/errors", test_errors);
        return g_test_run();
}
