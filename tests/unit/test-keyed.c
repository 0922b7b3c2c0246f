/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "check.h"
#include "keyed.h"

#define UNTOUCHED UINT64_C(4711)

static void test_next(void) {
        static const struct {
                const char *text;
                int r;
                const char *key;
                uint64_t value;
                const char *rest;
        } cases[] = {
                { "anon 1\n", 1, "anon", 1, "" },
                { "anon 1\nfile 2\n", 1, "anon", 1, "file 2\n" },
                { "a 0\n", 1, "a", 0, "" },
                { "a 007\n", 1, "a", 7, "" },
                { "a 18446744073709551615\n", 1, "a", UINT64_MAX, "" },
                { "a -1\n", 1, "a", 0, "" },
                { "a -0\n", 1, "a", 0, "" },
                { "a -9223372036854775808\n", 1, "a", 0, "" },
                { "a -18446744073709551615\n", 1, "a", 0, "" },
                { "a: 1\n", 1, "a:", 1, "" },
                { "a\177 1\n", 1, "a\177", 1, "" },
                { "\xff 1\n", 1, "\xff", 1, "" },
                { "", 0, NULL, 0, "" },
                { "a 18446744073709551616\n", -ERANGE, NULL, 0, NULL },
                { "a -18446744073709551616\n", -ERANGE, NULL, 0, NULL },
                { "\n", -EBADMSG, NULL, 0, NULL },
                { "a\n", -EBADMSG, NULL, 0, NULL },
                { "a", -EBADMSG, NULL, 0, NULL },
                { "a 1", -EBADMSG, NULL, 0, NULL },
                { "a \n", -EBADMSG, NULL, 0, NULL },
                { "a ", -EBADMSG, NULL, 0, NULL },
                { " 1\n", -EBADMSG, NULL, 0, NULL },
                { " a 1\n", -EBADMSG, NULL, 0, NULL },
                { "a  1\n", -EBADMSG, NULL, 0, NULL },
                { "a\t1\n", -EBADMSG, NULL, 0, NULL },
                { "a\t 1\n", -EBADMSG, NULL, 0, NULL },
                { "a\001b 1\n", -EBADMSG, NULL, 0, NULL },
                { "a 1 \n", -EBADMSG, NULL, 0, NULL },
                { "a 1 2\n", -EBADMSG, NULL, 0, NULL },
                { "a 1x\n", -EBADMSG, NULL, 0, NULL },
                { "a 1\r\n", -EBADMSG, NULL, 0, NULL },
                { "a +1\n", -EBADMSG, NULL, 0, NULL },
                { "a --1\n", -EBADMSG, NULL, 0, NULL },
                { "a -\n", -EBADMSG, NULL, 0, NULL },
                { "a max\n", -EBADMSG, NULL, 0, NULL },
                { "a x\n", -EBADMSG, NULL, 0, NULL },
                { "a\nb 1\n", -EBADMSG, NULL, 0, NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *cursor = cases[i].text;
                KeyedLine line = { .value = UNTOUCHED };

                check_number(cases[i].text, keyed_next(&cursor, &line), cases[i].r);
                if (cases[i].r > 0) {
                        g_autofree char *key = g_strndup(line.key, line.length);

                        check_text(cases[i].text, key, cases[i].key);
                        check_size(cases[i].text, line.value, cases[i].value);
                } else
                        check_size(cases[i].text, line.value, UNTOUCHED);
                check_text(cases[i].text, cursor, cases[i].r < 0 ? cases[i].text : cases[i].rest);
        }
}

static void test_is(void) {
        static const struct {
                const char *text, *key;
                bool is;
        } cases[] = {
                { "file 1\n", "file", true },
                { "file_mapped 1\n", "file", false },
                { "file 1\n", "file_mapped", false },
                { "file 1\n", "fil", false },
                { "inactive_file 1\n", "file", false },
                { "File 1\n", "file", false },
                { "fixe 1\n", "file", false },
                { "filo 1\n", "file", false },
                { "f 1\n", "", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *cursor = cases[i].text;
                KeyedField field = { .length = (uint16_t) strlen(cases[i].key) };
                KeyedLine line;

                memcpy(field.key, cases[i].key, field.length);
                g_assert_cmpint(keyed_next(&cursor, &line), ==, 1);
                check_number(cases[i].text, keyed_is(&line, &field), cases[i].is);
        }
}

typedef struct Pair {
        uint64_t file, anon, again;
} Pair;

static void test_parse(void) {
        static const KeyedField fields[] = {
                KEYED_FIELD("file", Pair, file),
                KEYED_FIELD("anon", Pair, anon),
                KEYED_FIELD("anon", Pair, again),
        };
        static const struct {
                const char *text;
                int r;
                uint64_t file, anon;
        } cases[] = {
                { "", 0, UNTOUCHED, UNTOUCHED },
                { "file 1\n", 0, 1, UNTOUCHED },
                { "anon 2\nfile 1\n", 0, 1, 2 },
                { "file_mapped 7\nxfile 8\nfile 1\nfil 9\n", 0, 1, UNTOUCHED },
                { "file 1\nfile 3\n", 0, 3, UNTOUCHED },
                { "other -1\nanon -1\n", 0, UNTOUCHED, 0 },
        };
        static const struct {
                const char *text;
                int r;
        } failures[] = {
                { "file 1\nother x\n", -EBADMSG },
                { "other\nfile 1\n", -EBADMSG },
                { "file 1\nanon 2", -EBADMSG },
                { "file 1\n\nanon 2\n", -EBADMSG },
                { "file 1\nother 18446744073709551616\n", -ERANGE },
                { "file 1\n ", -EBADMSG },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Pair pair = { UNTOUCHED, UNTOUCHED, UNTOUCHED };

                check_number(cases[i].text,
                             keyed_parse(cases[i].text, fields, G_N_ELEMENTS(fields), &pair),
                             cases[i].r);
                check_size(cases[i].text, pair.file, cases[i].file);
                check_size(cases[i].text, pair.anon, cases[i].anon);
                check_size(cases[i].text, pair.again, cases[i].anon);
        }

        for (size_t i = 0; i < G_N_ELEMENTS(failures); i++) {
                Pair pair = { 0 };

                check_number(failures[i].text,
                             keyed_parse(failures[i].text, fields, G_N_ELEMENTS(fields), &pair),
                             failures[i].r);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/keyed/next", test_next);
        g_test_add_func("/keyed/is", test_is);
        g_test_add_func("/keyed/parse", test_parse);
        return g_test_run();
}
