/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <math.h>

#include "check.h"
#include "pressure.h"
#include "size.h"

#define NONE "avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"

/* Averages are written with two decimals, so that hundredths are whole numbers. */
static void check_line(const char *about,
                       const PressureLine *line,
                       int64_t hundredths10,
                       int64_t hundredths60,
                       int64_t hundredths300,
                       uint64_t total) {
        check_number(about, llround(line->average10 * 100), hundredths10);
        check_number(about, llround(line->average60 * 100), hundredths60);
        check_number(about, llround(line->average300 * 100), hundredths300);
        check_size(about, line->total, total);
}

static void test_parse(void) {
        static const struct {
                const char *text;
                int64_t some[3], full[3]; /* hundredths */
                uint64_t some_total, full_total;
        } cases[] = {
                { "some " NONE "full " NONE, { 0, 0, 0 }, { 0, 0, 0 }, 0, 0 },
                { "some avg10=1.53 avg60=0.04 avg300=12.10 total=1234\n"
                  "full avg10=0.01 avg60=100.00 avg300=99.99 total=18446744073709551615\n",
                  { 153, 4, 1210 },
                  { 1, 10000, 9999 },
                  1234,
                  UINT64_MAX },
                { "some avg10=00.50 avg60=007.00 avg300=0.09 total=01\nfull " NONE,
                  { 50, 700, 9 },
                  { 0, 0, 0 },
                  1,
                  0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *text = cases[i].text;
                Pressure pressure = { 0 };

                check_number(text, pressure_parse(text, &pressure), 0);
                check_line(text,
                           &pressure.some,
                           cases[i].some[0],
                           cases[i].some[1],
                           cases[i].some[2],
                           cases[i].some_total);
                check_line(text,
                           &pressure.full,
                           cases[i].full[0],
                           cases[i].full[1],
                           cases[i].full[2],
                           cases[i].full_total);
        }
}

static void test_malformed(void) {
        static const struct {
                const char *text;
                int r;
        } cases[] = {
                { "", -EBADMSG },
                { "\n", -EBADMSG },
                { "some " NONE, -EBADMSG },
                { "full " NONE, -EBADMSG },
                { "full " NONE "some " NONE, -EBADMSG },
                { "some " NONE "some " NONE, -EBADMSG },
                { "some " NONE "full " NONE "full " NONE, -EBADMSG },
                { "some " NONE "full " NONE "\n", -EBADMSG },
                { "some " NONE "\nfull " NONE, -EBADMSG },
                { "Some " NONE "full " NONE, -EBADMSG },
                { "some  " NONE "full " NONE, -EBADMSG },
                { " some " NONE "full " NONE, -EBADMSG },
                { "some" NONE "full " NONE, -EBADMSG },
                { "some " NONE "full avg10=0.00 avg60=0.00 avg300=0.00 total=0", -EBADMSG },
                { "some avg60=0.00 avg10=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0.00 avg60=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0.0 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0.000 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=.00 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0,00 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=-1.00 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=+1.00 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10= 1.00 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=nan avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=1e2 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0.0a avg60=0.00 avg300=0.00 total=0\nfull " NONE, -EBADMSG },
                { "some avg10=0.", -EBADMSG },
                { "some avg10=0.0", -EBADMSG },
                { "some avg10=0.00 avg60=0.00 avg300=0.00 total=\nfull " NONE, -EBADMSG },
                { "some avg10=0.00 avg60=0.00 avg300=0.00 total=-1\nfull " NONE, -EBADMSG },
                { "some avg10=0.00 avg60=0.00 avg300=0.00 total=0 \nfull " NONE, -EBADMSG },
                { "some avg10=0.00 avg60=0.00 avg300=0.00 total=max\nfull " NONE, -EBADMSG },
                { "some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\nfull " NONE, -ERANGE },
                { "some avg10=18446744073709551616.00 avg60=0.00 avg300=0.00 total=0\nfull " NONE, -ERANGE },
                { "some " NONE "full avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\n",
                  -ERANGE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Pressure pressure = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } };

                check_number(cases[i].text, pressure_parse(cases[i].text, &pressure), cases[i].r);
                check_line(cases[i].text, &pressure.some, 100, 200, 300, 4);
                check_line(cases[i].text, &pressure.full, 500, 600, 700, 8);
        }
}

static void test_unknown(void) {
        Pressure pressure = { 0 };

        pressure_unknown(&pressure);
        g_assert_true(isnan(pressure.some.average10));
        g_assert_true(isnan(pressure.some.average60));
        g_assert_true(isnan(pressure.some.average300));
        g_assert_cmpuint(pressure.some.total, ==, SIZE_UNKNOWN);
        g_assert_true(isnan(pressure.full.average10));
        g_assert_true(isnan(pressure.full.average60));
        g_assert_true(isnan(pressure.full.average300));
        g_assert_cmpuint(pressure.full.total, ==, SIZE_UNKNOWN);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/pressure/parse", test_parse);
        g_test_add_func("/pressure/malformed", test_malformed);
        g_test_add_func("/pressure/unknown", test_unknown);
        return g_test_run();
}
