/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#include "capture.h"
#include "check.h"
#include "rlimits.h"
#include "size.h"

#define NONE SIZE_UNLIMITED
#define UNTOUCHED \
        { 1, 2, 3, 4 }

/* No limit to this test, for which a sanitizer may have reserved terabytes. */
#define LARGE (UINT64_C(1) << 50)

#define LIMITS_HEAD                                                                        \
        "Limit                     Soft Limit           Hard Limit           Units     \n" \
        "Max cpu time              unlimited            unlimited            seconds   \n"
#define DATA "Max data size             "
#define SPACE "Max address space         "
#define BYTES "            unlimited            bytes     \n"

static void test_parse_limits(void) {
        static const struct {
                const char *text;
                int r;
                uint64_t address_space, data;
        } cases[] = {
                { LIMITS_HEAD DATA "unlimited" BYTES SPACE "unlimited" BYTES, 0, NONE, NONE },
                { LIMITS_HEAD DATA "1048576  " BYTES SPACE "2097152  " BYTES, 0, 2097152, 1048576 },
                { SPACE "0 " BYTES DATA "0 " BYTES, 0, 0, 0 },
                { SPACE "18446744073709551614 " BYTES DATA "1 " BYTES, 0, UINT64_MAX - 1, 1 },
                /* The soft limit is the first of the two. */
                { SPACE "5 7 bytes\n" DATA "6 8 bytes\n", 0, 5, 6 },
                { "", -EBADMSG, 1, 2 },
                { LIMITS_HEAD, -EBADMSG, 1, 2 },
                { DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "unlimited" BYTES, -EBADMSG, 1, 2 },
                { "x" SPACE "unlimited" BYTES DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "-1 " BYTES DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "+1 " BYTES DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "1x " BYTES DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "1\n" DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "unlimitedx" BYTES DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "unlimited\n" DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "\n" DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "max " BYTES DATA "unlimited" BYTES, -EBADMSG, 1, 2 },
                { SPACE "unlimited" BYTES DATA "junk" BYTES, -EBADMSG, 1, 2 },
                { "Max address spaces 1 2 bytes\n" DATA "1 " BYTES, -EBADMSG, 1, 2 },
                { SPACE "18446744073709551616 " BYTES DATA "unlimited" BYTES, -ERANGE, 1, 2 },
                { SPACE "unlimited" BYTES DATA "18446744073709551616 " BYTES, -ERANGE, 1, 2 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Rlimits rlimits = UNTOUCHED;

                check_number(cases[i].text, rlimits_parse_limits(cases[i].text, &rlimits), cases[i].r);
                check_size(cases[i].text, rlimits.address_space, cases[i].address_space);
                check_size(cases[i].text, rlimits.data, cases[i].data);
                check_size(cases[i].text, rlimits.address_space_used, 3);
                check_size(cases[i].text, rlimits.data_used, 4);
        }
}

static void test_parse_status(void) {
        static const struct {
                const char *text;
                int r;
                uint64_t address_space_used, data_used;
        } cases[] = {
                { "Name:\tx\nVmPeak:\t    9000 kB\nVmSize:\t    8000 kB\nVmData:\t     400 kB\n",
                  0,
                  8192000,
                  409600 },
                { "VmSize:\t8 kB\nVmData:\t4 kB\n", 0, 8192, 4096 },
                { "VmData:4 kB\nVmSize:8 kB\n", 0, 8192, 4096 },
                /* A kernel thread, and a zombie, have no memory of their own. */
                { "Name:\tkthreadd\nState:\tS (sleeping)\n", 0, 0, 0 },
                { "", 0, 0, 0 },
                { "VmSize:\t8 kB\n", 0, 8192, 0 },
                { "xVmSize:\t8 kB\nVmSizes:\t9 kB\nVmDat:\t3 kB\n", 0, 0, 0 },
                { "Name:\tVmSize:\t9 kB\nVmSize:\t8 kB\n", 0, 8192, 0 },
                { "VmSize:\t0 kB\n", 0, 0, 0 },
                { "VmSize:\t18014398509481983 kB\n", 0, UINT64_MAX - 1023, 0 },
                { "VmSize:\t8\n", -EBADMSG, 3, 4 },
                { "VmSize:\t8 MB\n", -EBADMSG, 3, 4 },
                { "VmSize:\t8 kB", -EBADMSG, 3, 4 },
                { "VmSize:\t8 kB \n", -EBADMSG, 3, 4 },
                { "VmSize:\t-8 kB\n", -EBADMSG, 3, 4 },
                { "VmSize:\t+8 kB\n", -EBADMSG, 3, 4 },
                { "VmSize:\n", -EBADMSG, 3, 4 },
                { "VmSize:\tx kB\n", -EBADMSG, 3, 4 },
                { "VmSize:\t8 kB\nVmData:\tx kB\n", -EBADMSG, 3, 4 },
                { "VmSize:\t18014398509481984 kB\n", -ERANGE, 3, 4 },
                { "VmSize:\t18446744073709551616 kB\n", -ERANGE, 3, 4 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Rlimits rlimits = UNTOUCHED;

                check_number(cases[i].text, rlimits_parse_status(cases[i].text, &rlimits), cases[i].r);
                check_size(cases[i].text, rlimits.address_space_used, cases[i].address_space_used);
                check_size(cases[i].text, rlimits.data_used, cases[i].data_used);
                check_size(cases[i].text, rlimits.address_space, 1);
                check_size(cases[i].text, rlimits.data, 2);
        }
}

static void test_read(void) {
        static const char limits[] = SPACE "4096 " BYTES DATA "8192 " BYTES;
        static const char status[] = "VmSize:\t3 kB\nVmData:\t1 kB\n";
        static const struct {
                const char *limits, *status; /* NULL: there is no such file */
                int r;
                Rlimits rlimits;
                const char *blamed;
        } cases[] = {
                { limits, status, 0, { 4096, 8192, 3072, 1024 }, NULL },
                { NULL, status, -ENODATA, UNTOUCHED, "proc/42/limits" },
                { limits, NULL, -ENODATA, UNTOUCHED, "proc/42/status" },
                { limits, "", 0, { 4096, 8192, 0, 0 }, NULL },
                { "junk\n", status, -EBADMSG, UNTOUCHED, "proc/42/limits" },
                { "", status, -EBADMSG, UNTOUCHED, "proc/42/limits" },
                { limits, "VmSize: x\n", -EBADMSG, UNTOUCHED, "proc/42/status" },
                { limits, "VmSize: 18446744073709551616 kB\n", -ERANGE, UNTOUCHED, "proc/42/status" },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir proc/42\n");
        Machine *machine = capture_machine(capture);
        Process process = { .fd = -1 };
        unsigned n;

        g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
        n = check_count_descriptors();
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s, %s", cases[i].limits, cases[i].status);
                Rlimits rlimits = UNTOUCHED;

                capture_write(capture, "proc/42/limits", cases[i].limits);
                capture_write(capture, "proc/42/status", cases[i].status);
                check_number(about, rlimits_read(machine, &process, &rlimits), cases[i].r);
                check_size(about, rlimits.address_space, cases[i].rlimits.address_space);
                check_size(about, rlimits.data, cases[i].rlimits.data);
                check_size(about, rlimits.address_space_used, cases[i].rlimits.address_space_used);
                check_size(about, rlimits.data_used, cases[i].rlimits.data_used);
                if (cases[i].blamed)
                        check_text(about, machine->blamed, cases[i].blamed);
                check_number(about, check_count_descriptors(), n);
        }

        /* Of a process that lives there are these files; without them it has ended. */
        capture_write(capture, "proc/42/limits", NULL);
        machine->is_live = true;
        Rlimits rlimits = UNTOUCHED;
        g_assert_cmpint(rlimits_read(machine, &process, &rlimits), ==, -ESRCH);
        g_assert_cmpuint(rlimits.data, ==, 2);
        process_done(&process);
}

/* Our own, which setrlimit(2) changes. */
static void test_read_live(void) {
        Machine *machine = NULL;
        Process process = { .fd = -1 };
        Rlimits rlimits = UNTOUCHED;
        struct rlimit before, limit;

        if (check_in_valgrind()) {
                g_test_skip("valgrind keeps this limit to itself, and the kernel knows nothing of it");
                return;
        }
        g_assert_cmpint(getrlimit(RLIMIT_DATA, &before), ==, 0);
        limit = before;
        if (limit.rlim_cur > LARGE)
                limit.rlim_cur = LARGE;
        g_assert_cmpint(setrlimit(RLIMIT_DATA, &limit), ==, 0);

        g_assert_cmpint(machine_new(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), &machine), ==, 0);
        g_assert_cmpint(process_open_self(machine, &process), ==, 0);
        g_assert_cmpint(rlimits_read(machine, &process, &rlimits), ==, 0);
        g_assert_cmpint(setrlimit(RLIMIT_DATA, &before), ==, 0);

        g_assert_cmpuint(rlimits.data, ==, limit.rlim_cur);
        g_assert_cmpint(getrlimit(RLIMIT_AS, &limit), ==, 0);
        g_assert_cmpuint(rlimits.address_space,
                         ==,
                         limit.rlim_cur == RLIM_INFINITY ? SIZE_UNLIMITED : (uint64_t) limit.rlim_cur);
        g_assert_cmpuint(rlimits.data_used, >, 0);
        g_assert_cmpuint(rlimits.address_space_used, >, rlimits.data_used);
        process_done(&process);
        machine_free(machine);
}

/* What is used is looked at only where it matters. */
static void test_read_own(void) {
        struct rlimit before, limit;
        Rlimits rlimits = UNTOUCHED;

        g_assert_cmpint(getrlimit(RLIMIT_AS, &limit), ==, 0);
        g_assert_cmpint(getrlimit(RLIMIT_DATA, &before), ==, 0);
        if (limit.rlim_cur == RLIM_INFINITY && before.rlim_cur == RLIM_INFINITY) {
                g_assert_cmpint(rlimits_read_own(&rlimits), ==, 0);
                g_assert_cmpuint(rlimits.address_space, ==, SIZE_UNLIMITED);
                g_assert_cmpuint(rlimits.data, ==, SIZE_UNLIMITED);
                g_assert_cmpuint(rlimits.data_used, ==, SIZE_UNKNOWN);
        }

        limit = before;
        if (limit.rlim_cur > LARGE)
                limit.rlim_cur = LARGE;
        g_assert_cmpint(setrlimit(RLIMIT_DATA, &limit), ==, 0);
        g_assert_cmpint(rlimits_read_own(&rlimits), ==, 0);
        g_assert_cmpint(setrlimit(RLIMIT_DATA, &before), ==, 0);

        g_assert_cmpuint(rlimits.data, ==, limit.rlim_cur);
        g_assert_cmpuint(rlimits.data_used, >, 0);
        g_assert_cmpuint(rlimits.address_space_used, >, rlimits.data_used);
}

static void test_bind(void) {
        static const struct {
                Rlimits rlimits;
                uint64_t available, wanted;
                RlimitsBound bound;
        } cases[] = {
                { { NONE, NONE, 5, 5 }, 100, 100, RLIMITS_BIND_NOTHING },
                { { 1000, NONE, 950, 5 }, 100, 50, RLIMITS_BIND_ADDRESS_SPACE },
                { { NONE, 1000, 5, 950 }, 100, 50, RLIMITS_BIND_DATA },
                { { 1000, 1000, 950, 960 }, 100, 40, RLIMITS_BIND_DATA },
                { { 1000, 1000, 970, 960 }, 100, 30, RLIMITS_BIND_ADDRESS_SPACE },
                /* On a tie it is the unit, or the first. */
                { { 1000, NONE, 900, 5 }, 100, 100, RLIMITS_BIND_NOTHING },
                { { 1000, 1000, 950, 950 }, 100, 50, RLIMITS_BIND_ADDRESS_SPACE },
                { { 1000, NONE, 1001, 5 }, 100, 0, RLIMITS_BIND_ADDRESS_SPACE },
                { { 0, NONE, 5, 5 }, 100, 0, RLIMITS_BIND_ADDRESS_SPACE },
                { { 1000, 10, SIZE_UNKNOWN, SIZE_UNKNOWN }, 100, 100, RLIMITS_BIND_NOTHING },
                { { 1000, NONE, 950, 5 }, SIZE_UNKNOWN, 50, RLIMITS_BIND_ADDRESS_SPACE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("case %zu", i);
                uint64_t available = cases[i].available;

                check_number(about, rlimits_bind(&cases[i].rlimits, &available), cases[i].bound);
                check_size(about, available, cases[i].wanted);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/rlimits/parse-limits", test_parse_limits);
        g_test_add_func("/rlimits/parse-status", test_parse_status);
        g_test_add_func("/rlimits/read", test_read);
        g_test_add_func("/rlimits/read-live", test_read_live);
        g_test_add_func("/rlimits/read-own", test_read_own);
        g_test_add_func("/rlimits/bind", test_bind);
        return g_test_run();
}
