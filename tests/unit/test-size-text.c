/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "size-text.h"
#include "size.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define EIB (GIB * GIB)

static void test_format(void) {
        static const struct {
                uint64_t value;
                const char *text;
        } cases[] = {
                { 0, "0B" },
                { 1, "1B" },
                { 1023, "1023B" },
                { 1024, "1.0K" },
                { 1024 + 102, "1.0K" }, /* 1.0996: cut, not rounded */
                { 1024 + 103, "1.1K" },
                { 1536, "1.5K" },
                { MIB - 1, "1023.9K" },
                { MIB, "1.0M" },
                { 64 * MIB, "64.0M" },
                { 1000 * MIB, "1000.0M" },
                { GIB - 1, "1023.9M" },
                { GIB, "1.0G" },
                { 23 * GIB + GIB / 2, "23.5G" },
                { KIB * GIB, "1.0T" },
                { MIB * GIB, "1.0P" },
                { EIB, "1.0E" },
                { UINT64_MAX - 1, "15.9E" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = size_text_format(cases[i].value, FALSE);
                g_autofree char *limit = size_text_format_limit(cases[i].value, FALSE);
                g_autofree char *measure = size_text_format_measure(cases[i].value, FALSE);
                g_autofree char *bytes = size_text_format(cases[i].value, TRUE);
                g_autofree char *plain = g_strdup_printf("%" G_GUINT64_FORMAT, cases[i].value);

                check_text(cases[i].text, text, cases[i].text);
                check_text(cases[i].text, limit, cases[i].text);
                check_text(cases[i].text, measure, cases[i].text);
                check_text(cases[i].text, bytes, plain);
        }
}

static void test_special(void) {
        for (int bytes = 0; bytes < 2; bytes++) {
                g_autofree char *limit = size_text_format_limit(SIZE_UNLIMITED, bytes);
                g_autofree char *measure = size_text_format_measure(SIZE_UNKNOWN, bytes);

                check_text("limit", limit, "infinity");
                check_text("measure", measure, "-");
        }
}

static void test_parse(void) {
        static const struct {
                const char *text;
                gboolean is_valid;
                uint64_t value;
        } cases[] = {
                { "0", TRUE, 0 },
                { "67108864", TRUE, 64 * MIB },
                { "512B", TRUE, 512 },
                { "512b", TRUE, 512 },
                { "64M", TRUE, 64 * MIB },
                { "64m", TRUE, 64 * MIB },
                { "64MB", TRUE, 64 * MIB },
                { "64MiB", TRUE, 64 * MIB },
                { "1K", TRUE, KIB },
                { "1G", TRUE, GIB },
                { "1T", TRUE, KIB * GIB },
                { "1P", TRUE, MIB * GIB },
                { "15E", TRUE, 15 * EIB },
                { "1.5G", TRUE, GIB + GIB / 2 },
                { "0.5K", TRUE, 512 },
                { "1.50K", TRUE, 1536 },
                { "1.0B", TRUE, 1 },
                { "0.0000000001T", TRUE, 0 }, /* digits beyond the ninth do not count */
                { "18446744073709551615", TRUE, UINT64_MAX },
                { "17179869183G", TRUE, 17179869183 * GIB },
                { "18446744073709551616", FALSE, 7 },
                { "17179869184G", FALSE, 7 },
                { "16E", FALSE, 7 },
                { "", FALSE, 7 },
                { "M", FALSE, 7 },
                { ".5M", FALSE, 7 },
                { "1.", FALSE, 7 },
                { "1.M", FALSE, 7 },
                { "1.5", FALSE, 7 },
                { "1.5B", FALSE, 7 },
                { "1.5.5M", FALSE, 7 },
                { "1,5M", FALSE, 7 },
                { "-1", FALSE, 7 },
                { "+1", FALSE, 7 },
                { " 1", FALSE, 7 },
                { "1 ", FALSE, 7 },
                { "1 M", FALSE, 7 },
                { "1X", FALSE, 7 },
                { "1Mi", FALSE, 7 },
                { "1MiBs", FALSE, 7 },
                { "1BB", FALSE, 7 },
                { "1BiB", FALSE, 7 },
                { "10%", FALSE, 7 },
                { "0x10", FALSE, 7 },
                { "infinity", FALSE, 7 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                guint64 value = 7, share = 7;

                check_number(cases[i].text, size_text_parse(cases[i].text, &value), cases[i].is_valid);
                check_size(cases[i].text, value, cases[i].value);
                if (g_str_has_suffix(cases[i].text, "%"))
                        continue;
                check_number(cases[i].text,
                             size_text_parse_share(cases[i].text, 1000, &share),
                             cases[i].is_valid);
                check_size(cases[i].text, share, cases[i].value);
        }
}

static void test_parse_share(void) {
        static const struct {
                const char *text;
                uint64_t whole;
                gboolean is_valid;
                uint64_t value;
        } cases[] = {
                { "0%", 1000, TRUE, 0 },      { "10%", 1000, TRUE, 100 },
                { "10%", 1009, TRUE, 100 },   { "99%", 101, TRUE, 99 },
                { "100%", 1009, TRUE, 1009 }, { "100%", UINT64_MAX, TRUE, UINT64_MAX },
                { "50%", 0, TRUE, 0 },        { "101%", 1000, FALSE, 7 },
                { "%", 1000, FALSE, 7 },      { "-1%", 1000, FALSE, 7 },
                { "1.5%", 1000, FALSE, 7 },   { "10 %", 1000, FALSE, 7 },
                { "10%%", 1000, FALSE, 7 },   { "10K%", 1000, FALSE, 7 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                guint64 value = 7;

                check_number(cases[i].text,
                             size_text_parse_share(cases[i].text, cases[i].whole, &value),
                             cases[i].is_valid);
                check_size(cases[i].text, value, cases[i].value);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/size-text/format", test_format);
        g_test_add_func("/size-text/special", test_special);
        g_test_add_func("/size-text/parse", test_parse);
        g_test_add_func("/size-text/parse-share", test_parse_share);
        return g_test_run();
}
