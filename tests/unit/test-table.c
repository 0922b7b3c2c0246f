/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "printed.h"
#include "table.h"

static const char *const titles[] = { "UNIT", "USAGE", "NOTE", NULL };

static const char *const rows[][3] = {
        { "web.service", "1.0K", "x" },
        { "a-rather-long-name.service", "1023.9M", "long" },
};

typedef struct Case {
        const char *columns;
        guint left;
        gboolean with_titles;
        const char *mark; /* of the first row */
        const char *printed;
} Case;

static void print_table(const void *data) {
        const Case *c = data;
        g_autoptr(Table) table = table_new(titles, c->left);

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_auto(GStrv) cells = g_new0(char *, 4);

                for (size_t j = 0; j < 3; j++)
                        cells[j] = g_strdup(rows[i][j]);
                table_add(table, g_steal_pointer(&cells), i == 0 ? c->mark : NULL);
        }
        table_print(table, c->with_titles);
}

static void test_print(void) {
        static const Case cases[] = {
                /* 26 + 2 + 7 + 2 + 4 */
                { "41",
                  0,
                  TRUE,
                  NULL,
                  "UNIT                          USAGE  NOTE\n"
                  "web.service                    1.0K     x\n"
                  "a-rather-long-name.service  1023.9M  long\n" },
                { "200",
                  1u << 2,
                  TRUE,
                  NULL,
                  "UNIT                          USAGE  NOTE\n"
                  "web.service                    1.0K  x\n"
                  "a-rather-long-name.service  1023.9M  long\n" },
                { "41",
                  0,
                  FALSE,
                  NULL,
                  "web.service                    1.0K     x\n"
                  "a-rather-long-name.service  1023.9M  long\n" },
                /* One less: what is cut is the name. */
                { "40",
                  0,
                  FALSE,
                  NULL,
                  "web.service                   1.0K     x\n"
                  "a-rather…ong-name.service  1023.9M  long\n" },
                /* Never shorter than 12, whatever the screen. */
                { "20",
                  0,
                  FALSE,
                  NULL,
                  "web.service      1.0K     x\n"
                  "a-r….service  1023.9M  long\n" },
                { "100",
                  0,
                  FALSE,
                  "here",
                  "web.service                    1.0K     x ← here\n"
                  "a-rather-long-name.service  1023.9M  long\n" },
                /* 41 and 7 for the mark; one less, and the names make room. */
                { "48",
                  0,
                  FALSE,
                  "here",
                  "web.service                    1.0K     x ← here\n"
                  "a-rather-long-name.service  1023.9M  long\n" },
                { "47",
                  0,
                  FALSE,
                  "here",
                  "web.service                   1.0K     x ← here\n"
                  "a-rather…ong-name.service  1023.9M  long\n" },
                /* 12 + 15 + 7 = 34 is the least that there is room for behind it. */
                { "34",
                  0,
                  FALSE,
                  "here",
                  "web.service      1.0K     x ← here\n"
                  "a-r….service  1023.9M  long\n" },
                { "33",
                  0,
                  FALSE,
                  "here",
                  "web.service            1.0K     x\n"
                  "                           ↑ here\n"
                  "a-rat…name.service  1023.9M  long\n" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *printed = NULL;

                printed_where("C.UTF-8", cases[i].columns);
                printed = printed_by(print_table, &cases[i]);
                check_text(cases[i].columns, printed, cases[i].printed);
        }
}

/* Elsewhere than in UTF-8. */
static void test_plain(void) {
        static const Case plain = { "40",
                                    0,
                                    FALSE,
                                    "me",
                                    "web.service                1.0K     x <- me\n"
                                    "a-rath...-name.service  1023.9M  long\n" };
        g_autofree char *printed = NULL;

        printed_where("C", "43");
        printed = printed_by(print_table, &plain);
        check_text("C", printed, plain.printed);
}

static void print_empty(const void *data) {
        g_autoptr(Table) table = table_new(titles, 0);

        table_print(table, data != NULL);
}

static void test_empty(void) {
        g_autofree char *titled = printed_by(print_empty, titles), *bare = printed_by(print_empty, NULL);

        check_text("titles", titled, "UNIT  USAGE  NOTE\n");
        check_text("none", bare, "");
        table_free(NULL);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/table/print", test_print);
        g_test_add_func("/table/plain", test_plain);
        g_test_add_func("/table/empty", test_empty);
        return g_test_run();
}
