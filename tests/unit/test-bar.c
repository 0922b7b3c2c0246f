/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bar.h"
#include "check.h"
#include "printed.h"
#include "size.h"

static void test_shares(void) {
        static const struct {
                const char *about;
                uint64_t limit, usage, working_set, available;
                Shares shares;
        } cases[] = {
                { "nothing used", 100, 0, 0, 100, { 0, 0, 100, 0 } },
                { "cache comes back", 100, 50, 30, 70, { 30, 20, 50, 0 } },
                { "others took half of the rest", 100, 50, 30, 45, { 30, 20, 25, 25 } },
                { "only the cache is left", 100, 50, 30, 20, { 30, 20, 0, 50 } },
                { "less than the cache is", 100, 50, 30, 5, { 30, 20, 0, 50 } },
                { "full", 100, 100, 100, 0, { 100, 0, 0, 0 } },
                { "full of cache", 100, 100, 10, 90, { 10, 90, 0, 0 } },
                { "more than the limit", 100, 120, 110, 0, { 110, 10, 0, 0 } },
                { "two readings that do not agree", 100, 50, 60, 40, { 60, 0, 40, 10 } },
                { "a limit of 0", 0, 0, 0, 0, { 0, 0, 0, 0 } },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Snapshot snapshot = { .limit = cases[i].limit,
                                      .usage = cases[i].usage,
                                      .working_set = cases[i].working_set,
                                      .available = cases[i].available };
                Shares shares = { 7, 7, 7, 7 };

                check_true(cases[i].about, shares_of_snapshot(&snapshot, &shares));
                check_size(cases[i].about, shares.working_set, cases[i].shares.working_set);
                check_size(cases[i].about, shares.cache, cases[i].shares.cache);
                check_size(cases[i].about, shares.free, cases[i].shares.free);
                check_size(cases[i].about, shares.unavailable, cases[i].shares.unavailable);
        }
}

static void test_unknown(void) {
        Snapshot no_usage = { .limit = 100, .usage = SIZE_UNKNOWN, .working_set = 5 };
        Snapshot no_working_set = { .limit = 100, .usage = 5, .working_set = SIZE_UNKNOWN };
        Shares shares = { 7, 7, 7, 7 };

        check_true("usage", !shares_of_snapshot(&no_usage, &shares));
        check_true("working set", !shares_of_snapshot(&no_working_set, &shares));
        check_size("shares", shares.free, 7);
}

static void test_draw(void) {
        static const struct {
                Shares shares;
                unsigned width;
                const char *plain;
        } cases[] = {
                { { 25, 25, 25, 25 }, 8, "##++..xx" },
                { { 1, 0, 0, 0 }, 4, "####" },
                { { 0, 0, 1, 0 }, 4, "...." },
                { { 0, 1, 0, 1 }, 4, "++xx" },
                /* To the next cell, and the last is the rest. */
                { { 14, 0, 86, 0 }, 10, "#........." },
                { { 15, 0, 85, 0 }, 10, "##........" },
                { { 4, 0, 96, 0 }, 10, ".........." },
                { { 96, 0, 4, 0 }, 10, "##########" },
                { { 120, 10, 0, 0 }, 13, "############+" },
                { { UINT64_C(1) << 62, UINT64_C(1) << 62, 0, 0 }, 10, "#####+++++" },
                { { 0, 0, 0, 0 }, 5, "#####" },
                { { 1, 1, 1, 1 }, 0, "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *plain = NULL, *utf8 = NULL;

                printed_where("C", "80");
                plain = bar_draw(&cases[i].shares, cases[i].width);
                check_text(cases[i].plain, plain, cases[i].plain);
                printed_where("C.UTF-8", "80");
                utf8 = bar_draw(&cases[i].shares, cases[i].width);
                check_size(cases[i].plain, (uint64_t) g_utf8_strlen(utf8, -1), cases[i].width);
        }

        printed_where("C.UTF-8", "80");
        g_autofree char *drawn = bar_draw(&cases[0].shares, 8);
        check_text("UTF-8", drawn, "██▒▒░░╳╳");
        check_true("colours", g_setenv("SYSTEMD_COLORS", "1", TRUE));
        g_autofree char *coloured = bar_draw(&cases[0].shares, 4);
        check_text("colours",
                   coloured,
                   "\033[0;32m█\033[0m\033[0;34m▒\033[0m\033[0;90m░\033[0m\033[0;33m╳\033[0m");
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/bar/shares", test_shares);
        g_test_add_func("/bar/unknown", test_unknown);
        g_test_add_func("/bar/draw", test_draw);
        return g_test_run();
}
