/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "check.h"
#include "process-stat.h"

/* Fields 4 to 8, 10 to 21, and 23 to the end; between them the flags and the start time. */
#define HEAD " 1 42 42 0 -1 "
#define MIDDLE " 100 0 0 0 5 6 0 0 20 0 1 0 "
#define TAIL " 9000 20 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n"

static void test_parse(void) {
        static const struct {
                const char *text;
                bool is_dead;
                uint64_t start_time;
        } cases[] = {
                { "42 (cat) R" HEAD "4194304" MIDDLE "777" TAIL, false, 777 },
                { "42 (cat) S" HEAD "0" MIDDLE "0" TAIL, false, 0 },
                { "42 (cat) D" HEAD "4194304" MIDDLE "1" TAIL, false, 1 },
                { "42 (cat) T" HEAD "4194304" MIDDLE "1" TAIL, false, 1 },
                { "42 (cat) t" HEAD "4194304" MIDDLE "1" TAIL, false, 1 },
                { "2 (kthreadd) I" HEAD "2129984" MIDDLE "1" TAIL, false, 1 },
                { "42 (cat) Z" HEAD "4194304" MIDDLE "777" TAIL, true, 777 },
                { "42 (cat) X" HEAD "4194304" MIDDLE "777" TAIL, true, 777 },
                { "42 (cat) x" HEAD "4194304" MIDDLE "777" TAIL, true, 777 },
                /* Exiting, 4, before the state says so: 4194308 is 4194304 + 4. 8 and 2 are other things. */
                { "42 (cat) R" HEAD "4194308" MIDDLE "777" TAIL, true, 777 },
                { "42 (cat) S" HEAD "4" MIDDLE "777" TAIL, true, 777 },
                { "42 (cat) R" HEAD "8" MIDDLE "777" TAIL, false, 777 },
                { "42 (cat) R" HEAD "2" MIDDLE "777" TAIL, false, 777 },
                { "42 (cat) R" HEAD "4294967291" MIDDLE "777" TAIL, false, 777 },
                /* A program may call itself anything, up to 15 bytes. */
                { "42 () R" HEAD "0" MIDDLE "777" TAIL, false, 777 },
                { "42 (a) R 1 (b)) S" HEAD "0" MIDDLE "777" TAIL, false, 777 },
                { "42 (Z) Z 1) R" HEAD "0" MIDDLE "777" TAIL, false, 777 },
                { "42 (((() R" HEAD "0" MIDDLE "777" TAIL, false, 777 },
                { "42 (a\nb c) R" HEAD "0" MIDDLE "777" TAIL, false, 777 },
                { "42 (\xff) R" HEAD "0" MIDDLE "777" TAIL, false, 777 },
                /* The start time may be the last field; negative numbers stand in other fields only. */
                { "42 (cat) R" HEAD "0" MIDDLE "777\n", false, 777 },
                { "42 (cat) R" HEAD "0" MIDDLE "18446744073709551615" TAIL, false, UINT64_MAX },
                { "42 (cat) R -1 -1 -1 -1 -1 0 0 0 0 0 0 0 -5 -6 -20 -19 1 0 3 1\n", false, 3 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                ProcessStat stat = { !cases[i].is_dead, 4711 };

                check_number(cases[i].text, process_stat_parse(cases[i].text, &stat), 0);
                check_number(cases[i].text, stat.is_dead, cases[i].is_dead);
                check_size(cases[i].text, stat.start_time, cases[i].start_time);
        }
}

static void test_malformed(void) {
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { "", -EBADMSG },
                { "\n", -EBADMSG },
                { "42", -EBADMSG },
                { "42 (cat", -EBADMSG },
                { "42 (cat)", -EBADMSG },
                { "42 (cat) ", -EBADMSG },
                { "42 (cat) R", -EBADMSG },
                { "42 (cat) R ", -EBADMSG },
                { "42 (cat) R\n", -EBADMSG },
                { "42 (cat)R" HEAD "0" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) RR" HEAD "0" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat)  R" HEAD "0" MIDDLE "777" TAIL, -EBADMSG },
                { "42 cat R" HEAD "0" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) R" HEAD "0" MIDDLE "\n", -EBADMSG },
                { "42 (cat) R" HEAD "0\n", -EBADMSG },
                { "42 (cat) R" HEAD "0" MIDDLE "777", -EBADMSG },
                { "42 (cat) R" HEAD "0" MIDDLE "777x" TAIL, -EBADMSG },
                { "42 (cat) R" HEAD "0x10" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) R" HEAD "+4" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) R" HEAD "--4" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) R" HEAD " 4" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) R" HEAD "" MIDDLE "777" TAIL, -EBADMSG },
                { "42 (cat) R 1 42 42 0 -1 0 100 0 0 0 5 6 0 0 20 0 1 0\n777\n", -EBADMSG },
                { "42 (cat) R" HEAD "0" MIDDLE "18446744073709551616" TAIL, -ERANGE },
                { "42 (cat) R" HEAD "18446744073709551616" MIDDLE "777" TAIL, -ERANGE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                ProcessStat stat = { true, 4711 };

                check_number(cases[i].text, process_stat_parse(cases[i].text, &stat), cases[i].r);
                check_true(cases[i].text, stat.is_dead);
                check_size(cases[i].text, stat.start_time, 4711);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/process-stat/parse", test_parse);
        g_test_add_func("/process-stat/malformed", test_malformed);
        return g_test_run();
}
