/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "path.h"

static void test_next(void) {
        static const struct {
                const char *path;
                const char *components; /* with '|' behind each */
        } cases[] = {
                { "", "" },
                { "/", "" },
                { "///", "" },
                { "a", "a|" },
                { "/a", "a|" },
                { "/a/", "a|" },
                { "/system.slice/web.service", "system.slice|web.service|" },
                { "//a///b//", "a|b|" },
                { "a/../b/.", "a|..|b|.|" },
                { "/ a b /\\x2d/c:d/\xff", " a b |\\x2d|c:d|\xff|" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GString) got = g_string_new(NULL);
                const char *cursor = cases[i].path, *component;
                size_t length;

                while ((component = path_next(&cursor, &length))) {
                        check_true(cases[i].path, cursor == component + length);
                        g_string_append_len(got, component, (gssize) length);
                        g_string_append_c(got, '|');
                }
                check_text(cases[i].path, got->str, cases[i].components);
        }
}

static void test_relative(void) {
        static const struct {
                const char *path, *base, *relative;
        } cases[] = {
                { "/", "/", "/" },
                { "/a", "/", "/a" },
                { "/a/b", "/", "/a/b" },
                { "/a", "/a", "/" },
                { "/a/b", "/a", "/b" },
                { "/a/b/c", "/a", "/b/c" },
                { "/", "/a", "/.." },
                { "/", "/a/b", "/../.." },
                { "/a", "/a/b", "/.." },
                { "/a", "/a/b/c", "/../.." },
                { "/a/d", "/a/b", "/../d" },
                { "/d", "/a/b", "/../../d" },
                { "/d/e", "/a", "/../d/e" },
                /* Whole components only, and none that comes later. */
                { "/ab", "/a", "/../ab" },
                { "/a", "/ab", "/../a" },
                { "/a/b", "/b/a/b", "/../../../a/b" },
                { "/a/c/b", "/a/b", "/../c/b" },
                { "/x y/\xff", "/x y/z", "/../\xff" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s from %s", cases[i].path, cases[i].base);
                g_autofree char *got = path_relative(cases[i].path, cases[i].base);

                check_text(about, got, cases[i].relative);
        }
}

static void test_dots(void) {
        static const struct {
                const char *text;
                bool is_dots;
        } cases[] = {
                { ".", true },  { "..", true },  { "", false },   { "...", false },
                { "a", false }, { "a.", false }, { ".a", false }, { "..a", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_number(
                        cases[i].text, path_is_dots(cases[i].text, strlen(cases[i].text)), cases[i].is_dots);

        /* The component ends where its length says. */
        g_assert_true(path_is_dots("../x", 2));
        g_assert_true(path_is_dots("./x", 1));
        g_assert_false(path_is_dots("..x", 3));
}

static void test_normal(void) {
        static const struct {
                const char *path;
                bool is_normal;
        } cases[] = {
                { "/", true },      { "/a", true },       { "/a/b.service", true },
                { "/...", true },   { "/.a/..b", true },  { "/a b/c:d/\\x2d", true },
                { "/a\n", true },   { "/\xff", true },    { "/a (deleted)", true },
                { "", false },      { "a", false },       { "a/b", false },
                { "//", false },    { "/a/", false },     { "/a//b", false },
                { "//a", false },   { "/.", false },      { "/..", false },
                { "/a/.", false },  { "/a/..", false },   { "/./a", false },
                { "/../a", false }, { "/a/../b", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_number(cases[i].path, path_is_normal(cases[i].path), cases[i].is_normal);
}

static void test_after(void) {
        static const struct {
                const char *path;
                const char *prefix;
                const char *rest;
        } cases[] = {
                { "/a/b/c", "/a/b", "/c" },
                { "/a/b/c", "/a", "/b/c" },
                { "/a/b", "/a/b", "" },
                { "/a/b", "/", "/a/b" },
                { "/", "/", "" },
                { "/a/bc", "/a/b", NULL },
                { "/a/b", "/a/bc", NULL },
                { "/a/b", "/b", NULL },
                { "/", "/a", NULL },
                { "/a", "/a/b", NULL },
                { "/docker/abcd", "/docker/abc", NULL },
                { "/docker/abc/d", "/docker/abc", "/d" },
                { "/docker/abc (deleted)", "/docker/abc", NULL },
                { "/../x", "/", "/../x" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_text(cases[i].path, path_after(cases[i].path, cases[i].prefix), cases[i].rest);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/path/next", test_next);
        g_test_add_func("/path/dots", test_dots);
        g_test_add_func("/path/normal", test_normal);
        g_test_add_func("/path/after", test_after);
        g_test_add_func("/path/relative", test_relative);
        return g_test_run();
}
