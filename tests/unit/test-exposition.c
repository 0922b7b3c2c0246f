/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>
#include <stdlib.h>

#include "check.h"
#include "exposition.h"

static const ExpositionFamily usage = {
        "a_usage_bytes",
        EXPOSITION_GAUGE,
        "bytes",
        "What is used.",
};
static const ExpositionFamily stalled = {
        "a_stalled_seconds",
        EXPOSITION_COUNTER,
        "seconds",
        "How long.",
};
static const ExpositionFamily kills = {
        "a_kills",
        EXPOSITION_COUNTER,
        NULL,
        "How many.",
};

static void write_nothing(const Exposition *exposition) {
        (void) exposition;
}

static void write_gauge(const Exposition *exposition) {
        exposition_begin(exposition, &usage);
        exposition_add_number(exposition, &usage, "unit=\"a\"", 0);
        exposition_add_number(exposition, &usage, "unit=\"b\"", UINT64_MAX);
}

static void write_counters(const Exposition *exposition) {
        exposition_begin(exposition, &stalled);
        exposition_add_usec(exposition, &stalled, "unit=\"a\"", 0);
        exposition_add_usec(exposition, &stalled, "unit=\"b\"", 1);
        exposition_add_usec(exposition, &stalled, "unit=\"c\"", 999999);
        exposition_add_usec(exposition, &stalled, "unit=\"d\"", 1000000);
        exposition_add_usec(exposition, &stalled, "unit=\"e\"", 12345067890);
        exposition_add_usec(exposition, &stalled, "unit=\"f\"", UINT64_MAX);
        exposition_begin(exposition, &kills);
        exposition_add_number(exposition, &kills, "unit=\"a\"", 7);
}

/* Written by hand after "Exposition formats" of Prometheus and the specification of OpenMetrics 1.0, in
 * which the family of a counter has no suffix, only its samples have. */
static const struct {
        void (*write)(const Exposition *exposition);
        const char *prometheus, *openmetrics;
} cases[] = {
        { write_nothing, "", "# EOF\n" },
        { write_gauge,
          "# HELP a_usage_bytes What is used.\n"
          "# TYPE a_usage_bytes gauge\n"
          "a_usage_bytes{unit=\"a\"} 0\n"
          "a_usage_bytes{unit=\"b\"} 18446744073709551615\n",
          "# HELP a_usage_bytes What is used.\n"
          "# TYPE a_usage_bytes gauge\n"
          "# UNIT a_usage_bytes bytes\n"
          "a_usage_bytes{unit=\"a\"} 0\n"
          "a_usage_bytes{unit=\"b\"} 18446744073709551615\n"
          "# EOF\n" },
        { write_counters,
          "# HELP a_stalled_seconds_total How long.\n"
          "# TYPE a_stalled_seconds_total counter\n"
          "a_stalled_seconds_total{unit=\"a\"} 0.000000\n"
          "a_stalled_seconds_total{unit=\"b\"} 0.000001\n"
          "a_stalled_seconds_total{unit=\"c\"} 0.999999\n"
          "a_stalled_seconds_total{unit=\"d\"} 1.000000\n"
          "a_stalled_seconds_total{unit=\"e\"} 12345.067890\n"
          "a_stalled_seconds_total{unit=\"f\"} 18446744073709.551615\n"
          "# HELP a_kills_total How many.\n"
          "# TYPE a_kills_total counter\n"
          "a_kills_total{unit=\"a\"} 7\n",
          "# HELP a_stalled_seconds How long.\n"
          "# TYPE a_stalled_seconds counter\n"
          "# UNIT a_stalled_seconds seconds\n"
          "a_stalled_seconds_total{unit=\"a\"} 0.000000\n"
          "a_stalled_seconds_total{unit=\"b\"} 0.000001\n"
          "a_stalled_seconds_total{unit=\"c\"} 0.999999\n"
          "a_stalled_seconds_total{unit=\"d\"} 1.000000\n"
          "a_stalled_seconds_total{unit=\"e\"} 12345.067890\n"
          "a_stalled_seconds_total{unit=\"f\"} 18446744073709.551615\n"
          "# HELP a_kills How many.\n"
          "# TYPE a_kills counter\n"
          "a_kills_total{unit=\"a\"} 7\n"
          "# EOF\n" },
};

static char *write_in(ExpositionFormat format, void (*write)(const Exposition *exposition)) {
        Exposition exposition = { NULL, format };
        char *text = NULL;
        size_t size;

        exposition.stream = open_memstream(&text, &size);
        g_assert_nonnull(exposition.stream);
        write(&exposition);
        exposition_end(&exposition);
        g_assert_cmpint(fclose(exposition.stream), ==, 0);
        return text;
}

static void test_text(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                char *prometheus = write_in(EXPOSITION_PROMETHEUS, cases[i].write);
                char *openmetrics = write_in(EXPOSITION_OPENMETRICS, cases[i].write);

                check_text("prometheus", prometheus, cases[i].prometheus);
                check_text("openmetrics", openmetrics, cases[i].openmetrics);
                free(prometheus);
                free(openmetrics);
        }
}

/* In any locale the decimal point is a point. */
static void test_locale(void) {
        if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
                g_test_message("There is no locale with a comma here; the text is checked all the same.");
        test_text();
        (void) setlocale(LC_NUMERIC, "C");
}

/* Backslash, quote and newline are escaped, and nothing else is. */
static void test_labels(void) {
        static const struct {
                const char *value, *label;
        } labels[] = {
                { "", "x=\"\"" },
                { "web.service", "x=\"web.service\"" },
                { "a\\x2db", "x=\"a\\\\x2db\"" },
                { "\\", "x=\"\\\\\"" },
                { "\"", "x=\"\\\"\"" },
                { "a\nb", "x=\"a\\nb\"" },
                { "\\n", "x=\"\\\\n\"" },
                { "\\\"\n", "x=\"\\\\\\\"\\n\"" },
                { "{a=\"b\"} 1,", "x=\"{a=\\\"b\\\"} 1,\"" },
                { "\t\r", "x=\"\t\r\"" },
                { "%s%n", "x=\"%s%n\"" },
                { "\xc3\xa4\xf0\x9f\x98\x80", "x=\"\xc3\xa4\xf0\x9f\x98\x80\"" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
                g_autoptr(GString) text = g_string_new(NULL);

                exposition_append_label(text, "x", labels[i].value);
                check_text(labels[i].value, text->str, labels[i].label);
        }
}

static void test_several_labels(void) {
        g_autoptr(GString) text = g_string_new(NULL);

        exposition_append_label(text, "unit", "a");
        exposition_append_label(text, "slice", "");
        exposition_append_label(text, "b", "c");
        g_assert_cmpstr(text->str, ==, "unit=\"a\",slice=\"\",b=\"c\"");
}

static void test_format(void) {
        static const struct {
                const char *text;
                gboolean is_valid;
                ExpositionFormat format;
        } formats[] = {
                { "prometheus", TRUE, EXPOSITION_PROMETHEUS },
                { "openmetrics", TRUE, EXPOSITION_OPENMETRICS },
                { "", FALSE, 0 },
                { "OpenMetrics", FALSE, 0 },
                { "openmetric", FALSE, 0 },
                { "prometheus ", FALSE, 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
                ExpositionFormat format = (ExpositionFormat) 77;

                check_number(formats[i].text,
                             exposition_format_from_string(formats[i].text, &format),
                             formats[i].is_valid);
                check_number(
                        formats[i].text, (int) format, formats[i].is_valid ? (int) formats[i].format : 77);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/exposition/text", test_text);
        g_test_add_func("/exposition/locale", test_locale);
        g_test_add_func("/exposition/labels", test_labels);
        g_test_add_func("/exposition/several-labels", test_several_labels);
        g_test_add_func("/exposition/format", test_format);
        return g_test_run();
}
