/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "check.h"
#include "size.h"

#define UNTOUCHED UINT64_C(4711)

static void test_parse(void) {
        static const struct {
                const char *text;
                int r;
                uint64_t value;
        } cases[] = {
                { "0\n", 0, 0 },
                { "1\n", 0, 1 },
                { "9\n", 0, 9 },
                { "1234567890\n", 0, 1234567890 },
                { "007\n", 0, 7 },
                { "00000000000000000000000000000\n", 0, 0 },
                { "18446744073709551614\n", 0, UINT64_MAX - 1 },
                { "18446744073709551615\n", 0, UINT64_MAX },
                { "max\n", 0, SIZE_UNLIMITED },
                { "18446744073709551616\n", -ERANGE, UNTOUCHED },
                { "18446744073709551620\n", -ERANGE, UNTOUCHED },
                { "184467440737095516150\n", -ERANGE, UNTOUCHED },
                { "99999999999999999999999999999999999999999\n", -ERANGE, UNTOUCHED },
                { "", -EBADMSG, UNTOUCHED },
                { "\n", -EBADMSG, UNTOUCHED },
                { "1", -EBADMSG, UNTOUCHED },
                { "max", -EBADMSG, UNTOUCHED },
                { "-1\n", -EBADMSG, UNTOUCHED },
                { "-0\n", -EBADMSG, UNTOUCHED },
                { "+1\n", -EBADMSG, UNTOUCHED },
                { " 1\n", -EBADMSG, UNTOUCHED },
                { "\t1\n", -EBADMSG, UNTOUCHED },
                { "1 \n", -EBADMSG, UNTOUCHED },
                { "1\r\n", -EBADMSG, UNTOUCHED },
                { "1\n\n", -EBADMSG, UNTOUCHED },
                { "1\n2\n", -EBADMSG, UNTOUCHED },
                { "1K\n", -EBADMSG, UNTOUCHED },
                { "1.0\n", -EBADMSG, UNTOUCHED },
                { "0x10\n", -EBADMSG, UNTOUCHED },
                { "1e3\n", -EBADMSG, UNTOUCHED },
                { "Max\n", -EBADMSG, UNTOUCHED },
                { "MAX\n", -EBADMSG, UNTOUCHED },
                { "maximum\n", -EBADMSG, UNTOUCHED },
                { "max\n\n", -EBADMSG, UNTOUCHED },
                { "max \n", -EBADMSG, UNTOUCHED },
                { " max\n", -EBADMSG, UNTOUCHED },
                { "infinity\n", -EBADMSG, UNTOUCHED },
                { "\xd9\xa1\n", -EBADMSG, UNTOUCHED }, /* an Arabic digit */
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                uint64_t value = UNTOUCHED;

                check_number(cases[i].text, size_parse(cases[i].text, &value), cases[i].r);
                check_size(cases[i].text, value, cases[i].value);
        }
}

static void test_scan(void) {
        static const struct {
                const char *text;
                int r;
                uint64_t value;
                size_t length; /* of what was read */
        } cases[] = {
                { "0", 0, 0, 1 },
                { "12 kB", 0, 12, 2 },
                { "12.34", 0, 12, 2 },
                { "18446744073709551615:", 0, UINT64_MAX, 20 },
                { "18446744073709551616:", -ERANGE, UNTOUCHED, 0 },
                { "", -EBADMSG, UNTOUCHED, 0 },
                { "max", -EBADMSG, UNTOUCHED, 0 },
                { "-1", -EBADMSG, UNTOUCHED, 0 },
                { "+1", -EBADMSG, UNTOUCHED, 0 },
                { " 1", -EBADMSG, UNTOUCHED, 0 },
                { "/", -EBADMSG, UNTOUCHED, 0 }, /* the neighbours of the digits */
                { ":", -EBADMSG, UNTOUCHED, 0 },
                { "1:", 0, 1, 1 },
                { "1/", 0, 1, 1 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *cursor = cases[i].text;
                uint64_t value = UNTOUCHED;

                check_number(cases[i].text, size_scan(&cursor, &value), cases[i].r);
                check_size(cases[i].text, value, cases[i].value);
                check_size(cases[i].text, (size_t) (cursor - cases[i].text), cases[i].length);
        }
}

static void test_min(void) {
        g_assert_cmpuint(size_min(1, 2), ==, 1);
        g_assert_cmpuint(size_min(2, 1), ==, 1);
        g_assert_cmpuint(size_min(2, 2), ==, 2);
        g_assert_cmpuint(size_min(SIZE_UNLIMITED, 0), ==, 0);
        g_assert_cmpuint(size_min(SIZE_UNLIMITED, SIZE_UNLIMITED), ==, SIZE_UNLIMITED);
}

static void test_less(void) {
        g_assert_cmpuint(size_less(5, 3), ==, 2);
        g_assert_cmpuint(size_less(3, 3), ==, 0);
        g_assert_cmpuint(size_less(3, 5), ==, 0);
        g_assert_cmpuint(size_less(0, UINT64_MAX), ==, 0);
        g_assert_cmpuint(size_less(UINT64_MAX, 1), ==, UINT64_MAX - 1);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/size/parse", test_parse);
        g_test_add_func("/size/scan", test_scan);
        g_test_add_func("/size/min", test_min);
        g_test_add_func("/size/less", test_less);
        return g_test_run();
}
