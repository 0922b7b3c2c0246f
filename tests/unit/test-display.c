/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "cleanup.h"
#include "display.h"

static void test_text(void) {
        static const struct {
                const char *raw, *shown;
        } cases[] = {
                { "", "" },
                { "/system.slice/web.service", "/system.slice/web.service" },
                { " !\"~", " !\"~" },
                { "a\\x2db", "a\\x2db" },
                { "\t", "\\x09" },
                { "a\nb", "a\\x0ab" },
                { "\x01\x1f", "\\x01\\x1f" },
                { "\x1b[2J", "\\x1b[2J" },
                { "\x7f", "\\x7f" },
                /* One to four bytes, at both ends of what each can say. */
                { "\xc2\xa0", "\xc2\xa0" },
                { "\xc3\xa4", "\xc3\xa4" },
                { "\xdf\xbf", "\xdf\xbf" },
                { "\xe0\xa0\x80", "\xe0\xa0\x80" },
                { "\xe2\x82\xac", "\xe2\x82\xac" },
                { "\xed\x9f\xbf", "\xed\x9f\xbf" },
                { "\xee\x80\x80", "\xee\x80\x80" },
                { "\xef\xbf\xbd", "\xef\xbf\xbd" },
                { "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
                { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
                { "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd" },
                /* Control characters of Latin-1, in two bytes. */
                { "\xc2\x80", "\\xc2\\x80" },
                { "\xc2\x9b", "\\xc2\\x9b" },
                { "\xc2\x9f", "\\xc2\\x9f" },
                /* No UTF-8: stray and missing continuations. */
                { "\xff", "\\xff" },
                { "\xfe", "\\xfe" },
                { "\x80", "\\x80" },
                { "\xbf", "\\xbf" },
                { "a\xc3", "a\\xc3" },
                { "\xc3z", "\\xc3z" },
                { "\xe2\x82", "\\xe2\\x82" },
                { "\xe2\x82z", "\\xe2\\x82z" },
                { "\xe2z\xac", "\\xe2z\\xac" },
                { "\xf0\x9f\x98", "\\xf0\\x9f\\x98" },
                { "\xc3\xa4\xa4", "\xc3\xa4\\xa4" },
                { "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80" },
                { "\xfc\x84\x80\x80\x80\x80", "\\xfc\\x84\\x80\\x80\\x80\\x80" },
                /* Longer than need be. */
                { "\xc0\x80", "\\xc0\\x80" },
                { "\xc0\xaf", "\\xc0\\xaf" },
                { "\xc1\xbf", "\\xc1\\xbf" },
                { "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
                { "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
                { "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
                { "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf" },
                /* Surrogates, noncharacters, and what lies beyond the last character. */
                { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
                { "\xed\xbf\xbf", "\\xed\\xbf\\xbf" },
                { "\xef\xb7\x8f", "\xef\xb7\x8f" },
                { "\xef\xb7\x90", "\\xef\\xb7\\x90" },
                { "\xef\xb7\xaf", "\\xef\\xb7\\xaf" },
                { "\xef\xb7\xb0", "\xef\xb7\xb0" },
                { "\xef\xbf\xbe", "\\xef\\xbf\\xbe" },
                { "\xef\xbf\xbf", "\\xef\\xbf\\xbf" },
                { "\xf0\x9f\xbf\xbe", "\\xf0\\x9f\\xbf\\xbe" },
                { "\xf4\x8f\xbf\xbf", "\\xf4\\x8f\\xbf\\xbf" },
                { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
                { "\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80" },
                { "\xf7\xbf\xbf\xbf", "\\xf7\\xbf\\xbf\\xbf" },
                /* All of it together. */
                { "/a\xff/\xc3\xa4\n\xe2\x82\xac\xe2", "/a\\xff/\xc3\xa4\\x0a\xe2\x82\xac\\xe2" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                _cleanup_free_ char *shown = display_text(cases[i].raw);

                check_text(cases[i].raw, shown, cases[i].shown);
                check_true(cases[i].raw, g_utf8_validate(shown, -1, NULL));
        }
}

/* All that grows, grows to four times its length. */
static void test_long(void) {
        g_autofree char *raw = g_strnfill(100000, '\xff');
        _cleanup_free_ char *shown = display_text(raw);

        g_assert_cmpuint(strlen(shown), ==, 400000);
        g_assert_true(g_str_has_prefix(shown, "\\xff\\xff"));
        g_assert_true(g_str_has_suffix(shown, "\\xff\\xff"));
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/display/text", test_text);
        g_test_add_func("/display/long", test_long);
        return g_test_run();
}
