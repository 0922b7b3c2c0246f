/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "printed.h"
#include "terminal.h"

/* What is a terminal and how wide it is, test-terminal.c of the command tries on one. */

static void test_width(void) {
        static const struct {
                const char *columns;
                unsigned width, line_width;
        } cases[] = {
                { "80", 80, 80 },
                { "200", 200, 200 },
                { "1", 20, 20 },
                { "5000", 1000, 1000 },
                { "4294967376", 1000, 1000 },
                /* What says nothing is no reason to cut. */
                { "0", 80, 10000 },
                { "wide", 80, 10000 },
                { "", 80, 10000 },
                { "80x", 80, 10000 },
                { "-5", 80, 10000 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                printed_where("C.UTF-8", cases[i].columns);
                check_size(cases[i].columns, terminal_width(), cases[i].width);
                check_size(cases[i].columns, terminal_line_width(), cases[i].line_width);
        }
}

static void test_columns(void) {
        static const struct {
                const char *text;
                unsigned columns;
        } cases[] = {
                { "", 0 },     { "web", 3 },       { "größe", 5 },
                { "日本", 4 }, { "e\xcc\x81", 1 }, /* with a combining accent */
                { "…", 1 },
        };

        printed_where("C.UTF-8", "80");
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_size(cases[i].text, terminal_columns(cases[i].text), cases[i].columns);
}

/* A third of what there is room for from the head, the rest from the tail. */
static void test_fit(void) {
        static const struct {
                const char *locale, *text;
                unsigned width;
                const char *fitted;
        } cases[] = {
                { "C.UTF-8", "", 0, "" },
                { "C.UTF-8", "web.service", 11, "web.service" },
                { "C.UTF-8", "web.service", 80, "web.service" },
                { "C.UTF-8", "web.service", 10, "web…ervice" },
                { "C.UTF-8", "web.service", 4, "w…ce" },
                { "C.UTF-8", "web.service", 2, "…e" },
                { "C.UTF-8", "web.service", 1, "w" },
                { "C.UTF-8", "web.service", 0, "" },
                { "C.UTF-8", "größenänderung", 10, "grö…derung" },
                { "C.UTF-8", "日本語日本語", 12, "日本語日本語" },
                /* Room for 10: 3 and 7, of which a wide one leaves the odd column. */
                { "C.UTF-8", "日本語日本語", 11, "日…日本語" },
                { "C", "web.service", 11, "web.service" },
                { "C", "web.service", 10, "we...rvice" },
                { "C", "web.service", 4, "...e" },
                { "C", "web.service", 3, "web" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *fitted = NULL;

                printed_where(cases[i].locale, "80");
                fitted = terminal_fit(cases[i].text, cases[i].width);
                check_text(cases[i].text, fitted, cases[i].fitted);
        }
}

static void test_fit_parts(void) {
        static const char *const parts[] = { "usage 1M", "größe 2M", "limit 3M", NULL };
        static const struct {
                unsigned width;
                const char *fitted;
        } cases[] = {
                { 80, "usage 1M  größe 2M  limit 3M" },
                { 28, "usage 1M  größe 2M  limit 3M" },
                { 27, "usage 1M  größe 2M" },
                { 18, "usage 1M  größe 2M" },
                { 17, "usage 1M" },
                { 8, "usage 1M" },
                { 7, "us…e 1M" },
                { 0, "" },
        };

        printed_where("C.UTF-8", "80");
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *fitted = terminal_fit_parts(parts, cases[i].width);

                check_text("parts", fitted, cases[i].fitted);
        }
        g_autofree char *none = terminal_fit_parts((const char *[]) { NULL }, 10);

        check_text("none", none, "");
}

static void print_wrapped(const void *data) {
        terminal_print_wrapped(data);
}

static void test_wrapped(void) {
        static const struct {
                const char *text, *printed;
        } cases[] = {
                { "", "\n" },
                { "one", "one\n" },
                { "123456789 123456789", "123456789 123456789\n" },
                { "123456789 123456789 ", "123456789 123456789 \n" },
                { "123456789 1234567890", "123456789 1234567890\n" },
                { "123456789 12345678901", "123456789\n12345678901\n" },
                { "1234567890123456789012345 1", "1234567890123456789012345\n1\n" },
                { "1 1234567890123456789012345", "1\n1234567890123456789012345\n" },
                { "äöüäöüäöü äöüäöüäöüä x", "äöüäöüäöü äöüäöüäöüä\nx\n" },
        };

        printed_where("C.UTF-8", "20");
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *printed = printed_by(print_wrapped, cases[i].text);

                check_text(cases[i].text, printed, cases[i].printed);
        }
}

static void test_colours(void) {
        printed_where("C.UTF-8", "80");
        check_text("NO_COLOR", terminal_colour(COLOUR_RED), "");
        check_true("NO_COLOR", g_setenv("SYSTEMD_COLORS", "1", TRUE));
        check_text("SYSTEMD_COLORS", terminal_colour(COLOUR_RED), "\033[0;31m");
        check_text("SYSTEMD_COLORS", terminal_colour(COLOUR_NORMAL), "\033[0m");
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/terminal/width", test_width);
        g_test_add_func("/terminal/columns", test_columns);
        g_test_add_func("/terminal/fit", test_fit);
        g_test_add_func("/terminal/fit-parts", test_fit_parts);
        g_test_add_func("/terminal/wrapped", test_wrapped);
        g_test_add_func("/terminal/colours", test_colours);
        return g_test_run();
}
