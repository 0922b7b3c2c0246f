/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "check.h"
#include "line.h"

static void test_find(void) {
        static const struct {
                const char *text, *key;
                const char *rest; /* NULL if there is no such line */
        } cases[] = {
                { "Pid:\t42\n", "Pid:", "42\n" },
                { "Name:\tx\nPid:\t42\nPPid:\t1\n", "Pid:", "42\nPPid:\t1\n" },
                { "PPid:\t1\nPid:\t42\n", "Pid:", "42\n" },
                { "Pid:   \t \t42\n", "Pid:", "42\n" },
                { "Pid:42\n", "Pid:", "42\n" },
                { "Pid:", "Pid:", "" },
                { "Pid:\n42\n", "Pid:", "\n42\n" },
                { "\n\nPid: 42\n", "Pid:", "42\n" },
                { "x\nPid: 42", "Pid:", "42" },
                /* The first of two. */
                { "Pid: 1\nPid: 2\n", "Pid:", "1\nPid: 2\n" },
                { "Name: Pid: 7\nPid: 2\n", "Pid:", "2\n" },
                { "", "Pid:", NULL },
                { "\n", "Pid:", NULL },
                { "PPid:\t1\n", "Pid:", NULL },
                { " Pid:\t1\n", "Pid:", NULL },
                { "pid:\t1\n", "Pid:", NULL },
                { "Pid\t1\n", "Pid:", NULL },
                { "Pi", "Pid:", NULL },
                { "Name:\tPid:\t7\n", "Pid:", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_text(cases[i].text, line_find(cases[i].text, cases[i].key), cases[i].rest);
}

static void test_parse_kibibytes(void) {
        static const struct {
                const char *text;
                int r;
                uint64_t value;
        } cases[] = {
                { "0 kB\n", 0, 0 },
                { "4 kB\n", 0, 4096 },
                { "4 kB\nMore: 5 kB\n", 0, 4096 },
                { "18014398509481983 kB\n", 0, UINT64_MAX - 1023 },
                { "18014398509481984 kB\n", -ERANGE, 4711 },
                { "18446744073709551615 kB\n", -ERANGE, 4711 },
                { "18446744073709551616 kB\n", -ERANGE, 4711 },
                { "", -EBADMSG, 4711 },
                { "\n", -EBADMSG, 4711 },
                { "4", -EBADMSG, 4711 },
                { "4\n", -EBADMSG, 4711 },
                { "4 kB", -EBADMSG, 4711 },
                { "4 kB \n", -EBADMSG, 4711 },
                { "4  kB\n", -EBADMSG, 4711 },
                { "4kB\n", -EBADMSG, 4711 },
                { "4 KB\n", -EBADMSG, 4711 },
                { "4 MB\n", -EBADMSG, 4711 },
                { "4 kBytes\n", -EBADMSG, 4711 },
                { " 4 kB\n", -EBADMSG, 4711 },
                { "-4 kB\n", -EBADMSG, 4711 },
                { "+4 kB\n", -EBADMSG, 4711 },
                { "4.0 kB\n", -EBADMSG, 4711 },
                { "x kB\n", -EBADMSG, 4711 },
                { "kB\n", -EBADMSG, 4711 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                uint64_t value = 4711;

                check_number(cases[i].text, line_parse_kibibytes(cases[i].text, &value), cases[i].r);
                check_size(cases[i].text, value, cases[i].value);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/line/find", test_find);
        g_test_add_func("/line/parse-kibibytes", test_parse_kibibytes);
        return g_test_run();
}
