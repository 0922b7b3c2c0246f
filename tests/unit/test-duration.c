/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "duration.h"

static void test_parse(void) {
        static const struct {
                const char *text;
                gboolean is_valid;
                uint64_t usec;
        } cases[] = {
                { "0", TRUE, 0 },
                { "1", TRUE, 1000000 },
                { "0.5", TRUE, 500000 },
                { "0.000001", TRUE, 1 },
                { "0.0000009", TRUE, 0 },
                { "2s", TRUE, 2000000 },
                { "2sec", TRUE, 2000000 },
                { "7us", TRUE, 7 },
                { "7µs", TRUE, 7 },
                { "1.5us", TRUE, 1 },
                { "500ms", TRUE, 500000 },
                { "1.5ms", TRUE, 1500 },
                { "5min", TRUE, 300000000 },
                { "5m", TRUE, 300000000 },
                { "0.5min", TRUE, 30000000 },
                { "2h", TRUE, 7200000000 },
                { "1.5h", TRUE, 5400000000 },
                { "1d", TRUE, 86400000000 },
                { "0.25d", TRUE, 21600000000 },
                { "18446744073708.9", TRUE, 18446744073708900000u },
                { "213503981d", TRUE, 213503981 * UINT64_C(86400000000) },
                { "18446744073709", FALSE, 7 },
                { "213503982d", FALSE, 7 },
                { "18446744073709551616us", FALSE, 7 },
                { "", FALSE, 7 },
                { "s", FALSE, 7 },
                { ".5", FALSE, 7 },
                { "1.", FALSE, 7 },
                { "1.s", FALSE, 7 },
                { "1,5", FALSE, 7 },
                { "-1", FALSE, 7 },
                { "+1", FALSE, 7 },
                { " 1", FALSE, 7 },
                { "1 s", FALSE, 7 },
                { "1S", FALSE, 7 },
                { "1min30s", FALSE, 7 },
                { "1x", FALSE, 7 },
                { "1e3", FALSE, 7 },
                { "infinity", FALSE, 7 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                guint64 usec = 7;

                check_number(cases[i].text, duration_parse(cases[i].text, &usec), cases[i].is_valid);
                check_size(cases[i].text, usec, cases[i].usec);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/duration/parse", test_parse);
        return g_test_run();
}
