/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "figures.h"
#include "size.h"
#include "web.h"

#define M CAPTURE_MIB
#define U SIZE_UNKNOWN
#define NONE SIZE_UNLIMITED

static void open_process(Machine *machine, uint32_t pid, Subject *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };

        g_assert_cmpint(process_open(machine, pid, &process), ==, 0);
        g_assert_cmpint(subject_open_process(machine, &process, ret), ==, 0);
}

/* The table in web.h, looked at by each of its processes. */
static void test_figures(void) {
        static const struct {
                uint32_t pid;
                Figures figures;
                uint64_t available;
                const char *by;
        } cases[] = {
                /* 64 - 30; above it there is more. */
                { WEB_WORKER, { 64 * M, 40 * M, 30 * M }, 34 * M, "/sys.slice/web.service/worker" },
                /* Throttled at 192: 192 - 100. */
                { WEB_FREE, { 256 * M, 128 * M, 100 * M }, 92 * M, "/sys.slice/web.service" },
                /* 256 - 5 of its own, and 192 - 100 of the unit's. */
                { WEB_EQUAL, { 256 * M, 8 * M, 5 * M }, 92 * M, "/sys.slice/web.service" },
                { WEB_BARE, { 256 * M, 128 * M, 100 * M }, 92 * M, "/sys.slice/web.service" },
                { WEB_SLICE, { 512 * M, 300 * M, 200 * M }, 312 * M, "/sys.slice" },
                /* Nothing limits these but the machine. */
                { WEB_ONE, { 4096 * M, 20 * M, 16 * M }, 3072 * M, "/" },
                { WEB_PLAIN, { 4096 * M, 10 * M, 8 * M }, 3072 * M, "/" },
                { WEB_ROOT, { 4096 * M, 1024 * M, 1024 * M }, 3072 * M, "/" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("process %u", cases[i].pid);
                _cleanup_(subject_done) Subject subject = { 0 };
                Effective available = { 0 };
                Figures figures = { 0 };
                unsigned n;

                open_process(machine, cases[i].pid, &subject);
                n = check_count_descriptors();
                check_number(about, figures_read(machine, &subject, &figures), 0);
                check_size(about, figures.limit, cases[i].figures.limit);
                check_size(about, figures.usage, cases[i].figures.usage);
                check_size(about, figures.working_set, cases[i].figures.working_set);
                check_number(about, available_read(machine, &subject, &available), 0);
                check_size(about, available.value, cases[i].available);
                check_text(about, available.by, cases[i].by);
                check_number(about, check_count_descriptors(), n);
        }
}

static void test_levels(void) {
        static const struct {
                uint32_t pid;
                size_t n;
                Level levels[4];
        } cases[] = {
                { WEB_FREE,
                  4,
                  { { NONE, NONE, 8 * M, 5 * M, U, "/sys.slice/web.service/free" },
                    { 256 * M, 192 * M, 128 * M, 100 * M, 92 * M, "/sys.slice/web.service" },
                    { 512 * M, NONE, 300 * M, 200 * M, 312 * M, "/sys.slice" },
                    { NONE, NONE, 1024 * M, 1024 * M, 3072 * M, "/" } } },
                { WEB_WORKER,
                  4,
                  { { 64 * M, NONE, 40 * M, 30 * M, 34 * M, "/sys.slice/web.service/worker" },
                    { 256 * M, 192 * M, 128 * M, 100 * M, 92 * M, "/sys.slice/web.service" },
                    { 512 * M, NONE, 300 * M, 200 * M, 312 * M, "/sys.slice" },
                    { NONE, NONE, 1024 * M, 1024 * M, 3072 * M, "/" } } },
                /* The memory.stat of an unlimited ancestor is not even opened: here it is junk. */
                { WEB_ONE,
                  3,
                  { { NONE, NONE, 20 * M, 16 * M, U, "/free.slice/one.service" },
                    { NONE, NONE, 50 * M, U, U, "/free.slice" },
                    { NONE, NONE, 1024 * M, 1024 * M, 3072 * M, "/" } } },
                { WEB_ROOT, 1, { { NONE, NONE, 1024 * M, 1024 * M, 3072 * M, "/" } } },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                _cleanup_(reported_done) Reported reported = { 0 };
                _cleanup_(subject_done) Subject subject = { 0 };

                open_process(machine, cases[i].pid, &subject);
                g_assert_cmpint(reported_read(machine, &subject, &reported), ==, 0);
                g_assert_cmpuint(subject.chain.n, ==, cases[i].n);
                for (size_t j = 0; j < cases[i].n; j++) {
                        g_autofree char *about = g_strdup_printf("process %u, level %zu", cases[i].pid, j);
                        const Level *wanted = &cases[i].levels[j];
                        Level level = { 0 };

                        check_number(about, level_read(machine, &subject, j, &reported, &level), 0);
                        check_size(about, level.max, wanted->max);
                        check_size(about, level.high, wanted->high);
                        check_size(about, level.usage, wanted->usage);
                        check_size(about, level.working_set, wanted->working_set);
                        check_size(about, level.available, wanted->available);
                        check_text(about, level.by, wanted->by);
                }
        }
}

static void test_reported(void) {
        static const struct {
                const char *usage, *statistics;
                int r;
                uint64_t working_set;
                const char *blamed;
        } cases[] = {
                { "100\n", "inactive_file 30\n", 0, 70, NULL },
                { "100\n", "inactive_file 100\n", 0, 0, NULL },
                { "100\n", "inactive_file 101\n", 0, 0, NULL },
                { "100\n", "inactive_file 18446744073709551615\n", 0, 0, NULL },
                { "100\n", "inactive_file -1\n", 0, 100, NULL },
                { "100\n", "anon 30\n", 0, 100, NULL },
                { "100\n", "", 0, 100, NULL },
                { "0\n", "inactive_file 30\n", 0, 0, NULL },
                { "junk\n", "inactive_file 30\n", -EBADMSG, 0, "memory.current of /plain" },
                { NULL, "inactive_file 30\n", -ENODEV, 0, "memory.current of /plain" },
                { "100\n", "junk\n", -EBADMSG, 0, "memory.stat of /plain" },
                { "100\n", NULL, -ENODEV, 0, "memory.stat of /plain" },
                { "100\n", "x 18446744073709551616\n", -ERANGE, 0, "memory.stat of /plain" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(subject_done) Subject subject = { 0 };
        unsigned n;

        open_process(machine, WEB_PLAIN, &subject);
        n = check_count_descriptors();
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s, %s", cases[i].usage, cases[i].statistics);
                _cleanup_(reported_done) Reported reported = { 0 };
                Figures figures = { 1, 2, 3 };

                capture_write(capture, "sys/fs/cgroup/plain/memory.current", cases[i].usage);
                capture_write(capture, "sys/fs/cgroup/plain/memory.stat", cases[i].statistics);
                check_number(about, reported_read(machine, &subject, &reported), cases[i].r);
                check_size(about, reported.working_set, cases[i].working_set);
                check_text(about, reported.text, cases[i].r < 0 ? NULL : cases[i].statistics);
                check_number(about, figures_read(machine, &subject, &figures), cases[i].r);
                check_size(about, figures.working_set, cases[i].r < 0 ? 3 : cases[i].working_set);
                if (cases[i].r < 0)
                        check_text(about, machine->blamed, cases[i].blamed);
                check_number(about, check_count_descriptors(), n);
        }
}

/* The reported group is as it is now; an ancestor's inactive cache as of up to two seconds ago. */
static void test_moments(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(subject_done) Subject subject = { 0 };
        Effective available = { 0 };
        Figures figures = { 0 };

        open_process(machine, WEB_ITSELF, &subject);
        g_assert_cmpint(available_read(machine, &subject, &available), ==, 0);
        g_assert_cmpuint(available.value, ==, 92 * M);

        /* Of the unit now 8 MiB are inactive: 128 - 8 = 120, and 192 - 120 = 72. */
        capture_write(capture, "sys/fs/cgroup/sys.slice/web.service/memory.stat", "inactive_file 8388608\n");
        g_assert_cmpint(figures_read(machine, &subject, &figures), ==, 0);
        g_assert_cmpuint(figures.working_set, ==, 120 * M);
        g_assert_cmpint(available_read(machine, &subject, &available), ==, 0);
        g_assert_cmpuint(available.value, ==, 72 * M);
        g_assert_cmpstr(available.by, ==, "/sys.slice/web.service");

        /* Of the slice 100 MiB are remembered to be inactive, and now 0 are. Its usage grew by 180: its
         * working set is taken to be 200 + 180, which leaves 132; in truth it is 480, which leaves 32. */
        capture_write(capture, "sys/fs/cgroup/sys.slice/memory.stat", "inactive_file 0\n");
        capture_write(capture, "sys/fs/cgroup/sys.slice/memory.current", "503316480\n");
        g_assert_cmpint(available_read(machine, &subject, &available), ==, 0);
        g_assert_cmpuint(available.value, ==, 72 * M);

        /* By 250, to 550: 200 + 250 leave 62. */
        capture_write(capture, "sys/fs/cgroup/sys.slice/memory.current", "576716800\n");
        g_assert_cmpint(available_read(machine, &subject, &available), ==, 0);
        g_assert_cmpuint(available.value, ==, 62 * M);
        g_assert_cmpstr(available.by, ==, "/sys.slice");
        capture_write(capture, "sys/fs/cgroup/sys.slice/memory.current", "503316480\n");

        for (size_t i = 0; i < MACHINE_N_REMEMBERED; i++)
                machine->remembered[i].working_set.read_at_usec -= 2000000;
        g_assert_cmpint(available_read(machine, &subject, &available), ==, 0);
        g_assert_cmpuint(available.value, ==, 32 * M);
        g_assert_cmpstr(available.by, ==, "/sys.slice");
}

/* No ancestor's memory.stat is opened for the three figures; for what is available, those of limited ones.
 */
static void test_ancestors(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(subject_done) Subject subject = { 0 };
        Effective available = { 0, "untouched" };
        Figures figures = { 0 };
        unsigned n;

        open_process(machine, WEB_ITSELF, &subject);
        n = check_count_descriptors();
        capture_write(capture, "sys/fs/cgroup/sys.slice/memory.stat", "junk\n");
        g_assert_cmpint(figures_read(machine, &subject, &figures), ==, 0);
        g_assert_cmpint(available_read(machine, &subject, &available), ==, -EBADMSG);
        g_assert_cmpstr(machine->blamed, ==, "memory.stat of /sys.slice");
        g_assert_cmpstr(available.by, ==, "untouched");
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* A group that is over its limit has nothing left, and not a great deal. */
static void test_over(void) {
        static const struct {
                const char *max, *high, *current, *inactive;
                uint64_t available;
        } cases[] = {
                { "100\n", "max\n", "100\n", "inactive_file 0\n", 0 },
                { "100\n", "max\n", "150\n", "inactive_file 0\n", 0 },
                { "100\n", "max\n", "150\n", "inactive_file 60\n", 10 },
                { "max\n", "100\n", "150\n", "inactive_file 10\n", 0 },
                { "200\n", "100\n", "80\n", "inactive_file 10\n", 30 },
                { "100\n", "200\n", "80\n", "inactive_file 10\n", 30 },
                { "0\n", "max\n", "0\n", "inactive_file 0\n", 0 },
                { "0\n", "max\n", "0\n", "inactive_file 50\n", 0 },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about =
                        g_strdup_printf("%s%s%s", cases[i].max, cases[i].high, cases[i].current);
                _cleanup_(subject_done) Subject subject = { 0 };
                Effective available = { 0 };

                capture_write(capture, "sys/fs/cgroup/plain/memory.max", cases[i].max);
                capture_write(capture, "sys/fs/cgroup/plain/memory.high", cases[i].high);
                capture_write(capture, "sys/fs/cgroup/plain/memory.current", cases[i].current);
                capture_write(capture, "sys/fs/cgroup/plain/memory.stat", cases[i].inactive);
                open_process(machine, WEB_PLAIN, &subject);
                check_number(about, available_read(machine, &subject, &available), 0);
                check_size(about, available.value, cases[i].available);
                check_text(about, available.by, "/plain");
        }
}

static void test_from_levels(void) {
        static const struct {
                uint32_t pid;
                uint64_t levels[4];
                uint64_t available;
                const char *by;
        } cases[] = {
                { WEB_FREE, { 5, 4, 3, 6 }, 3, "2" },
                { WEB_FREE, { 5, 4, 3, 2 }, 2, "3" },
                { WEB_FREE, { U, 4, U, 6 }, 4, "1" },
                /* The innermost on a tie. */
                { WEB_FREE, { U, 4, 4, 4 }, 4, "1" },
                { WEB_FREE, { 0, 0, 0, 0 }, 0, "0" },
                { WEB_FREE, { U, U, U, 7 }, 7, "3" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("case %zu", i);
                _cleanup_(subject_done) Subject subject = { 0 };
                Level levels[4] = { { .by = "0" }, { .by = "1" }, { .by = "2" }, { .by = "3" } };
                Effective available = { 0 };

                for (size_t j = 0; j < G_N_ELEMENTS(levels); j++)
                        levels[j].available = cases[i].levels[j];
                open_process(machine, cases[i].pid, &subject);
                check_number(about, available_from_levels(machine, &subject, levels, &available), 0);
                check_size(about, available.value, cases[i].available);
                check_text(about, available.by, cases[i].by);
        }
}

/* Where the machine is not in the chain, it binds all the same; so does what lies above on v1. */
static void test_box(void) {
        static const struct {
                const char *max, *hierarchical; /* of the top, of all that is above it too */
                uint64_t limit, available;
                const char *by;
        } cases[] = {
                /* Of /box 300 MiB are used, 100 of them inactive. */
                { "536870912", "536870912", 512 * M, 312 * M, "/box" },
                { "536870912", "419430400", 400 * M, 200 * M, "/" },
                { "9223372036854771712", "419430400", 400 * M, 200 * M, "/" },
                { "9223372036854771712", "9223372036854771712", 4096 * M, 3072 * M, "/" },
                { "9223372036854771712", "8589934592", 4096 * M, 3072 * M, "/" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s, %s", cases[i].max, cases[i].hierarchical);
                g_autofree char *blocks = g_strdup_printf(
                        CAPTURE_V1_BOX "@group sys/fs/cgroup/memory\nmemory.usage_in_bytes:314572800\n"
                                       "memory.limit_in_bytes:%s\nmemory.stat:hierarchical_memory_limit %s\n"
                                       "memory.stat:total_inactive_file 104857600\n"
                                       "@group sys/fs/cgroup/memory/a\nmemory.usage_in_bytes:10485760\n"
                                       "memory.limit_in_bytes:9223372036854771712\n"
                                       "memory.stat:hierarchical_memory_limit %s\n",
                        cases[i].max,
                        cases[i].hierarchical,
                        cases[i].hierarchical);
                g_autoptr(Capture) capture = capture_new(blocks);
                Machine *machine = capture_machine(capture);
                _cleanup_(subject_done) Subject subject = { 0 };
                Effective available = { 0 };
                Figures figures = { 0 };

                g_assert_cmpint(subject_open_group(machine, "/box/a", &subject), ==, 0);
                check_number(about, figures_read(machine, &subject, &figures), 0);
                check_size(about, figures.limit, cases[i].limit);
                check_size(about, figures.usage, 10 * M);
                check_number(about, available_read(machine, &subject, &available), 0);
                check_size(about, available.value, cases[i].available);
                check_text(about, available.by, cases[i].by);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/figures/figures", test_figures);
        g_test_add_func("/figures/levels", test_levels);
        g_test_add_func("/figures/reported", test_reported);
        g_test_add_func("/figures/moments", test_moments);
        g_test_add_func("/figures/ancestors", test_ancestors);
        g_test_add_func("/figures/over", test_over);
        g_test_add_func("/figures/from-levels", test_from_levels);
        g_test_add_func("/figures/box", test_box);
        return g_test_run();
}
