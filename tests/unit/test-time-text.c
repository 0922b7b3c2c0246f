/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "time-text.h"

static void test_format(void) {
        static const struct {
                guint64 usec;
                const char *text, *seconds;
        } cases[] = {
                { 0, "0.000s", "0.000000" },
                { 999, "0.000s", "0.000999" },
                { 42000, "0.042s", "0.042000" },
                { 999999, "0.999s", "0.999999" },
                { 1000000, "1.0s", "1.000000" },
                { 12340000, "12.3s", "12.340000" },
                { 59999999, "59.9s", "59.999999" },
                { 60000000, "1min", "60.000000" },
                { 303000000, "5min 3s", "303.000000" },
                { 3599999999, "59min 59s", "3599.999999" },
                { 3600000000, "1h", "3600.000000" },
                { 7500000000, "2h 5min", "7500.000000" },
                { 273600000000, "3d 4h", "273600.000000" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = time_text_format(cases[i].usec);
                g_autofree char *seconds = time_text_seconds(cases[i].usec);

                check_text(cases[i].text, text, cases[i].text);
                check_text(cases[i].text, seconds, cases[i].seconds);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/time-text/format", test_format);
        return g_test_run();
}
