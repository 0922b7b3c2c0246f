/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "check.h"
#include "meminfo.h"
#include "size.h"

#define U SIZE_UNKNOWN
#define HEAD "MemTotal: 4 kB\nMemAvailable: 3 kB\n"

static void test_parse(void) {
        static const struct {
                const char *text;
                Meminfo meminfo;
        } cases[] = {
                { HEAD, { 4096, 3072, U, U } },
                { HEAD "SwapTotal: 2 kB\nSwapFree: 1 kB\n", { 4096, 3072, 2048, 1024 } },
                { "SwapFree: 1 kB\nMemAvailable: 3 kB\nSwapTotal: 2 kB\nMemTotal: 4 kB\n",
                  { 4096, 3072, 2048, 1024 } },
                { "MemTotal:       16318480 kB\nMemFree:          812352 kB\nMemAvailable:   11402712 kB\n"
                  "Buffers:          401236 kB\nSwapCached:            0 kB\nSwapTotal:             0 kB\n"
                  "SwapFree:              0 kB\nHugePages_Total:       0\nHugepagesize:       2048 kB\n",
                  { UINT64_C(16710123520), UINT64_C(11676377088), 0, 0 } },
                { "MemTotal:4 kB\nMemAvailable:3 kB\n", { 4096, 3072, U, U } },
                { "MemTotal: 18014398509481983 kB\nMemAvailable: 0 kB\n", { UINT64_MAX - 1023, 0, U, U } },
                /* Whole words only: these are other lines, of whatever shape. */
                { HEAD "XMemTotal: 9 kB\nMemTotal2: x\nMemTotalx: 9\nSwapTotals: \njunk\n\n",
                  { 4096, 3072, U, U } },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Meminfo meminfo = { 0 };

                check_number(cases[i].text, meminfo_parse(cases[i].text, &meminfo), 0);
                check_size(cases[i].text, meminfo.total, cases[i].meminfo.total);
                check_size(cases[i].text, meminfo.available, cases[i].meminfo.available);
                check_size(cases[i].text, meminfo.swap_total, cases[i].meminfo.swap_total);
                check_size(cases[i].text, meminfo.swap_free, cases[i].meminfo.swap_free);
        }
}

static void test_malformed(void) {
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { "", -EBADMSG },
                { "\n", -EBADMSG },
                { "MemTotal: 4 kB\n", -EBADMSG },
                { "MemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4 kB\nMemFree: 3 kB\n", -EBADMSG },
                { "MemTotal: 4 kB\nMemAvailable: 3 kB", -EBADMSG },
                { " MemTotal: 4 kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "memtotal: 4 kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal 4 kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4 KB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4 MB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4  kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4 kBytes\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: 4 kB \nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: -4 kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: +4 kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: x kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: max\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal:\nMemAvailable: 3 kB\n", -EBADMSG },
                { "MemTotal: \n4 kB\nMemAvailable: 3 kB\n", -EBADMSG },
                { HEAD "SwapTotal: x kB\n", -EBADMSG },
                { HEAD "SwapFree: 1\n", -EBADMSG },
                { "MemTotal: 18014398509481984 kB\nMemAvailable: 3 kB\n", -ERANGE },
                { "MemTotal: 18446744073709551615 kB\nMemAvailable: 3 kB\n", -ERANGE },
                { "MemTotal: 18446744073709551616 kB\nMemAvailable: 3 kB\n", -ERANGE },
                { HEAD "SwapTotal: 18014398509481984 kB\n", -ERANGE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Meminfo meminfo = { 1, 2, 3, 4 };

                check_number(cases[i].text, meminfo_parse(cases[i].text, &meminfo), cases[i].r);
                check_size(cases[i].text, meminfo.total, 1);
                check_size(cases[i].text, meminfo.available, 2);
                check_size(cases[i].text, meminfo.swap_total, 3);
                check_size(cases[i].text, meminfo.swap_free, 4);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/meminfo/parse", test_parse);
        g_test_add_func("/meminfo/malformed", test_malformed);
        return g_test_run();
}
