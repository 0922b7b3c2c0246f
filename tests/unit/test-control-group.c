/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <math.h>
#include <string.h>

#include "capture.h"
#include "check.h"
#include "children.h"
#include "cleanup.h"
#include "control-group.h"
#include "size.h"

#define U SIZE_UNKNOWN
#define UNTOUCHED UINT64_C(4711)
#define V1_UNLIMITED "9223372036854771712\n"          /* with pages of 4 KiB */
#define V1_SMALLEST_UNLIMITED "4611686018427387904\n" /* 2^62 */

/* A reader for each file that not every group has, in the form of those for the others. */
#define READER(name, file)                                                            \
        static int name(Machine *machine, const ControlGroup *group, uint64_t *ret) { \
                return control_group_read(machine, group, file, ret);                 \
        }

READER(read_high, CONTROL_GROUP_HIGH)
READER(read_min, CONTROL_GROUP_MIN)
READER(read_low, CONTROL_GROUP_LOW)
READER(read_oom_group, CONTROL_GROUP_OOM_GROUP)
READER(read_peak, CONTROL_GROUP_PEAK)
READER(read_swap_usage, CONTROL_GROUP_SWAP_USAGE)
READER(read_swap_peak, CONTROL_GROUP_SWAP_PEAK)
READER(read_zswap_usage, CONTROL_GROUP_ZSWAP_USAGE)
READER(read_kernel, CONTROL_GROUP_KERNEL)

typedef int Read(Machine *machine, const ControlGroup *group, uint64_t *ret);

/* A group with one file in it, or none. */
typedef struct SizeCase {
        Read *read;
        int version;
        const char *file;
        const char *content; /* NULL: there is no such file */
        int r;
        uint64_t value;
} SizeCase;

static void check_sizes(const SizeCase *cases, size_t n_cases) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 2, "/a");
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < n_cases; i++) {
                const SizeCase *c = &cases[i];
                g_autofree char *about = g_strdup_printf(
                        "v%d %s %s", c->version, c->file, c->content ? c->content : "absent");
                g_autofree char *path = g_strdup_printf("a/%s", c->file);
                g_autofree char *blamed = g_strdup_printf("%s of /a", c->file);
                uint64_t value = UNTOUCHED;

                group.version = c->version;
                capture_write(capture, path, c->content);
                check_number(about, c->read(machine, &group, &value), c->r);
                check_size(about, value, c->r < 0 ? UNTOUCHED : c->value);
                if (c->r < 0)
                        check_text(about, machine->blamed, blamed);
                check_number(about, check_count_descriptors(), n);
                capture_write(capture, path, NULL);
        }
}

static void test_sizes_v2(void) {
        static const SizeCase cases[] = {
                { control_group_read_max, 2, "memory.max", "max\n", 0, SIZE_UNLIMITED },
                { control_group_read_max, 2, "memory.max", "0\n", 0, 0 },
                { control_group_read_max, 2, "memory.max", "1048576\n", 0, CAPTURE_MIB },
                /* Only v1 has a number for "unlimited". */
                { control_group_read_max, 2, "memory.max", V1_SMALLEST_UNLIMITED, 0, SIZE_V1_UNLIMITED },
                { control_group_read_max, 2, "memory.max", NULL, -ENODEV, 0 },
                { control_group_read_max, 2, "memory.max", "", -EBADMSG, 0 },
                { control_group_read_max, 2, "memory.max", "1048576", -EBADMSG, 0 },
                { control_group_read_max, 2, "memory.max", "junk\n", -EBADMSG, 0 },
                { control_group_read_max, 2, "memory.max", "18446744073709551616\n", -ERANGE, 0 },
                { control_group_read_max,
                  2,
                  "memory.max",
                  "0000000000000000000000000000000000000000000000000000000000000000\n",
                  -EFBIG,
                  0 },
                { control_group_read_usage, 2, "memory.current", "0\n", 0, 0 },
                { control_group_read_usage, 2, "memory.current", "4096\n", 0, 4096 },
                { control_group_read_usage, 2, "memory.current", NULL, -ENODEV, 0 },
                { control_group_read_usage, 2, "memory.current", "-4096\n", -EBADMSG, 0 },
                { read_high, 2, "memory.high", "max\n", 0, SIZE_UNLIMITED },
                { read_high, 2, "memory.high", "4096\n", 0, 4096 },
                { read_high, 2, "memory.high", "0\n", 0, 0 },
                { read_high, 2, "memory.high", NULL, 0, SIZE_UNLIMITED },
                { read_high, 2, "memory.high", "junk\n", -EBADMSG, 0 },
                { read_min, 2, "memory.min", "4096\n", 0, 4096 },
                { read_min, 2, "memory.min", "max\n", 0, SIZE_UNLIMITED },
                { read_min, 2, "memory.min", NULL, 0, 0 },
                { read_min, 2, "memory.min", "\n", -EBADMSG, 0 },
                { read_low, 2, "memory.low", "4096\n", 0, 4096 },
                { read_low, 2, "memory.low", NULL, 0, 0 },
                { read_low, 2, "memory.low", " 1\n", -EBADMSG, 0 },
                { read_peak, 2, "memory.peak", "4096\n", 0, 4096 },
                { read_peak, 2, "memory.peak", NULL, 0, U },
                { read_peak, 2, "memory.peak", "x\n", -EBADMSG, 0 },
                { control_group_read_swap_max, 2, "memory.swap.max", "max\n", 0, SIZE_UNLIMITED },
                { control_group_read_swap_max, 2, "memory.swap.max", "0\n", 0, 0 },
                { control_group_read_swap_max, 2, "memory.swap.max", "4096\n", 0, 4096 },
                { control_group_read_swap_max,
                  2,
                  "memory.swap.max",
                  V1_UNLIMITED,
                  0,
                  UINT64_C(9223372036854771712) },
                { control_group_read_swap_max, 2, "memory.swap.max", NULL, 0, SIZE_UNLIMITED },
                { control_group_read_swap_max, 2, "memory.swap.max", "x\n", -EBADMSG, 0 },
                { read_swap_usage, 2, "memory.swap.current", "4096\n", 0, 4096 },
                { read_swap_usage, 2, "memory.swap.current", NULL, 0, U },
                { read_swap_usage, 2, "memory.swap.current", "x\n", -EBADMSG, 0 },
                { read_swap_peak, 2, "memory.swap.peak", "4096\n", 0, 4096 },
                { read_swap_peak, 2, "memory.swap.peak", NULL, 0, U },
                { read_zswap_usage, 2, "memory.zswap.current", "4096\n", 0, 4096 },
                { read_zswap_usage, 2, "memory.zswap.current", NULL, 0, U },
                { read_kernel, 2, "memory.kmem.usage_in_bytes", "4096\n", 0, U },
                { read_oom_group, 2, "memory.oom.group", "0\n", 0, 0 },
                { read_oom_group, 2, "memory.oom.group", "1\n", 0, 1 },
                { read_oom_group, 2, "memory.oom.group", NULL, 0, 0 },
                { read_oom_group, 2, "memory.oom.group", "yes\n", -EBADMSG, 0 },
        };

        check_sizes(cases, G_N_ELEMENTS(cases));
}

static void test_sizes_v1(void) {
        static const SizeCase cases[] = {
                { control_group_read_max, 1, "memory.limit_in_bytes", "1048576\n", 0, CAPTURE_MIB },
                { control_group_read_max, 1, "memory.limit_in_bytes", "0\n", 0, 0 },
                { control_group_read_max, 1, "memory.limit_in_bytes", V1_UNLIMITED, 0, SIZE_UNLIMITED },
                { control_group_read_max,
                  1,
                  "memory.limit_in_bytes",
                  "9223372036854710272\n",
                  0,
                  SIZE_UNLIMITED },
                { control_group_read_max,
                  1,
                  "memory.limit_in_bytes",
                  V1_SMALLEST_UNLIMITED,
                  0,
                  SIZE_UNLIMITED },
                { control_group_read_max,
                  1,
                  "memory.limit_in_bytes",
                  "4611686018427387903\n",
                  0,
                  SIZE_V1_UNLIMITED - 1 },
                { control_group_read_max, 1, "memory.limit_in_bytes", NULL, -ENODEV, 0 },
                { control_group_read_max, 1, "memory.limit_in_bytes", "-1\n", -EBADMSG, 0 },
                { control_group_read_usage, 1, "memory.usage_in_bytes", "4096\n", 0, 4096 },
                { control_group_read_usage, 1, "memory.usage_in_bytes", NULL, -ENODEV, 0 },
                /* A soft limit is none; what v1 does not have is not read even if it is there. */
                { read_high, 1, "memory.soft_limit_in_bytes", "4096\n", 0, SIZE_UNLIMITED },
                { read_high, 1, "memory.high", "4096\n", 0, SIZE_UNLIMITED },
                { read_min, 1, "memory.min", "4096\n", 0, 0 },
                { read_low, 1, "memory.low", "4096\n", 0, 0 },
                { read_oom_group, 1, "memory.oom.group", "1\n", 0, 0 },
                { read_peak, 1, "memory.max_usage_in_bytes", "4096\n", 0, 4096 },
                { read_peak, 1, "memory.max_usage_in_bytes", NULL, 0, U },
                { read_swap_usage, 1, "memory.swap.current", "4096\n", 0, U },
                { read_swap_peak, 1, "memory.swap.peak", "4096\n", 0, U },
                { read_zswap_usage, 1, "memory.zswap.current", "4096\n", 0, U },
                { read_kernel, 1, "memory.kmem.usage_in_bytes", "4096\n", 0, 4096 },
                { read_kernel, 1, "memory.kmem.usage_in_bytes", NULL, 0, U },
                { read_kernel, 1, "memory.kmem.usage_in_bytes", "x\n", -EBADMSG, 0 },
        };

        check_sizes(cases, G_N_ELEMENTS(cases));
}

/* v1 limits memory and both together: what is left is swap's. */
static void test_swap_max_v1(void) {
        static const struct {
                const char *both, *max;
                int r;
                uint64_t swap_max;
        } cases[] = {
                { "3145728\n", "1048576\n", 0, 2 * CAPTURE_MIB },
                { "1048576\n", "1048576\n", 0, 0 },
                { "1048576\n", "3145728\n", 0, 0 },
                { V1_UNLIMITED, "1048576\n", 0, SIZE_UNLIMITED },
                { "1048576\n", V1_UNLIMITED, 0, SIZE_UNLIMITED },
                { V1_UNLIMITED, V1_UNLIMITED, 0, SIZE_UNLIMITED },
                { NULL, "1048576\n", 0, SIZE_UNLIMITED }, /* without swapaccount=1 */
                { NULL, NULL, 0, SIZE_UNLIMITED },
                { "junk\n", "1048576\n", -EBADMSG, UNTOUCHED },
                { "1048576\n", "junk\n", -EBADMSG, UNTOUCHED },
                { "1048576\n", NULL, -ENODEV, UNTOUCHED },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V1 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 1, "/a");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s and %s", cases[i].both, cases[i].max);
                uint64_t swap_max = UNTOUCHED;

                capture_write(capture, "a/memory.memsw.limit_in_bytes", cases[i].both);
                capture_write(capture, "a/memory.limit_in_bytes", cases[i].max);
                check_number(about, control_group_read_swap_max(machine, &group, &swap_max), cases[i].r);
                check_size(about, swap_max, cases[i].swap_max);
        }
}

/* The machine is no group: its files are not looked at, whatever stands in them. */
static void test_machine(void) {
        static const struct {
                Read *read;
                uint64_t value;
        } cases[] = {
                { control_group_read_max, SIZE_UNLIMITED },
                { read_high, SIZE_UNLIMITED },
                { control_group_read_swap_max, SIZE_UNLIMITED },
                { read_min, 0 },
                { read_low, 0 },
                { read_oom_group, 0 },
                { control_group_read_usage, CAPTURE_GIB }, /* 4 GiB less the 3 that are available */
                { read_peak, U },
                { read_swap_usage, U },
                { read_swap_peak, U },
                { read_zswap_usage, U },
                { read_kernel, U },
        };
        static const char *const files[] = {
                "memory.max",
                "memory.high",
                "memory.swap.max",
                "memory.min",
                "memory.low",
                "memory.oom.group",
                "memory.current",
                "memory.peak",
                "memory.swap.current",
                "memory.swap.peak",
                "memory.events",
                "memory.zswap.current",
                "memory.limit_in_bytes",
                "memory.failcnt",
                "memory.usage_in_bytes",
                "memory.max_usage_in_bytes",
                "memory.memsw.limit_in_bytes",
                "memory.kmem.usage_in_bytes",
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 2, "/");

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path = g_strdup_printf("a/%s", files[i]);

                capture_write(capture, path, "12345\n");
        }

        group.is_machine = true;
        for (group.version = 1; group.version <= 2; group.version++) {
                Events events = { 0 };

                for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                        g_autofree char *about = g_strdup_printf("case %zu, v%d", i, group.version);
                        uint64_t value = UNTOUCHED;

                        check_number(about, cases[i].read(machine, &group, &value), 0);
                        check_size(about, value, cases[i].value);
                }
                g_assert_cmpint(control_group_has_memory(machine, &group), ==, 1);
                g_assert_cmpint(control_group_read_events(machine, &group, &events), ==, 0);
                g_assert_cmpuint(events.low, ==, U);
                g_assert_cmpuint(events.max, ==, U);
                g_assert_cmpuint(events.oom_kill, ==, U);
        }

        /* More available than there is: not less than nothing. */
        capture_write(capture, "proc/meminfo", "MemTotal: 1 kB\nMemAvailable: 2 kB\n");
        machine_begin(machine);
        uint64_t usage = UNTOUCHED;
        g_assert_cmpint(control_group_read_usage(machine, &group, &usage), ==, 0);
        g_assert_cmpuint(usage, ==, 0);

        capture_write(capture, "proc/meminfo", NULL);
        machine_begin(machine);
        g_assert_cmpint(control_group_read_usage(machine, &group, &usage), ==, -ENOMEDIUM);
        g_assert_cmpstr(machine->blamed, ==, "proc/meminfo");
}

typedef struct HasMemory {
        const char *path;
        int version;
        int r;
} HasMemory;

static void check_has_memory(Capture *capture, const HasMemory *cases, size_t n) {
        for (size_t i = 0; i < n; i++) {
                _cleanup_(control_group_done) ControlGroup group =
                        capture_group(capture, cases[i].path, cases[i].version, "/a");

                check_number(cases[i].path,
                             control_group_has_memory(capture_machine(capture), &group),
                             cases[i].r);
        }
}

static void test_has_memory(void) {
        static const HasMemory cases[] = {
                { "v2", 2, 1 }, { "v2", 1, 0 },      { "v1", 1, 1 },
                { "v1", 2, 0 }, { "neither", 1, 0 }, { "neither", 2, 0 },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group v2\nmemory.current:1\n"
                                                            "@group v1\nmemory.usage_in_bytes:1\n"
                                                            "@group neither\ncgroup.procs:1\n");

        check_has_memory(capture, cases, G_N_ELEMENTS(cases));
}

/* A live group that went away has no files at all, and is told from one without a memory controller. */
static void test_has_memory_live(void) {
        static const HasMemory cases[] = {
                { "full", 2, 1 },       { "bare", 2, 0 },       { "gone", 2, -ENODEV },
                { "full", 1, 1 },       { "bare", 1, -ENODEV }, /* all of v1's groups have its controllers */
                { "gone", 1, -ENODEV },
        };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V2 "@group full\nmemory.current:1\nmemory.usage_in_bytes:1\ncgroup.procs:1\n"
                           "@group bare\ncgroup.procs:1\n"
                           "@dir gone\n");
        Machine *machine = capture_machine(capture);

        machine->is_live = true;
        check_has_memory(capture, cases, G_N_ELEMENTS(cases));
}

static void test_pressure(void) {
        static const struct {
                int version;
                const char *content;
                int r;
                uint64_t some, full; /* the totals */
        } cases[] = {
                { 2,
                  "some avg10=1.00 avg60=2.00 avg300=3.00 total=10\n"
                  "full avg10=4.00 avg60=5.00 avg300=6.00 total=20\n",
                  0,
                  10,
                  20 },
                { 2, NULL, 0, U, U },
                { 2, "junk\n", -EBADMSG, U, U },
                { 2, "", -EBADMSG, U, U },
                { 1, "junk\n", 0, U, U },
                { 1, NULL, 0, U, U },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 2, "/a");
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *about = cases[i].content;
                Pressure pressure = { 0 };

                group.version = cases[i].version;
                capture_write(capture, "a/memory.pressure", about);
                check_number(about, control_group_read_pressure(machine, &group, &pressure), cases[i].r);
                check_number(about, check_count_descriptors(), n);
                if (cases[i].r < 0) {
                        check_text(about, machine->blamed, "memory.pressure of /a");
                        continue;
                }
                check_size(about, pressure.some.total, cases[i].some);
                check_size(about, pressure.full.total, cases[i].full);
                check_number(about, isnan(pressure.some.average10), cases[i].some == U);
                check_number(about, isnan(pressure.full.average300), cases[i].full == U);
        }
}

static void test_events(void) {
        static const struct {
                const char *blocks;
                int version;
                int r;
                Events events;
                const char *blamed;
        } cases[] = {
                { "@group a\nmemory.events:low 1\nmemory.events:high 2\nmemory.events:max 3\n"
                  "memory.events:oom 4\n"
                  "memory.events:oom_kill 5\nmemory.events:oom_group_kill 6\n",
                  2,
                  0,
                  { 1, 2, 3, 4, 5 },
                  NULL },
                { "@group a\nmemory.events:oom_group_kill 6\nmemory.events:oom_kill 5\n",
                  2,
                  0,
                  { U, U, U, U, 5 },
                  NULL },
                { "@file a/memory.events\n", 2, 0, { U, U, U, U, U }, NULL },
                { "@dir a\n", 2, 0, { U, U, U, U, U }, NULL },
                { "@group a\nmemory.events:low x\n", 2, -EBADMSG, { 0 }, "memory.events of /a" },
                { "@group a\nmemory.events:low 18446744073709551616\n",
                  2,
                  -ERANGE,
                  { 0 },
                  "memory.events of /a" },
                { "@group a\nmemory.failcnt:3\nmemory.oom_control:oom_kill_disable 0\n"
                  "memory.oom_control:under_oom 0\nmemory.oom_control:oom_kill 5\n",
                  1,
                  0,
                  { U, U, 3, U, 5 },
                  NULL },
                /* Linux before 4.13 does not count there. */
                { "@group a\nmemory.failcnt:3\nmemory.oom_control:oom_kill_disable 0\n"
                  "memory.oom_control:under_oom 0\n",
                  1,
                  0,
                  { U, U, 3, U, U },
                  NULL },
                { "@group a\nmemory.events:low 1\n", 1, 0, { U, U, U, U, U }, NULL },
                { "@group a\nmemory.failcnt:x\n", 1, -EBADMSG, { 0 }, "memory.failcnt of /a" },
                { "@group a\nmemory.failcnt:1\nmemory.oom_control:x\n",
                  1,
                  -EBADMSG,
                  { 0 },
                  "memory.oom_control of /a" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *blocks = g_strconcat(CAPTURE_V2, cases[i].blocks, NULL);
                g_autoptr(Capture) capture = capture_new(blocks);
                Machine *machine = capture_machine(capture);
                _cleanup_(control_group_done) ControlGroup group =
                        capture_group(capture, "a", cases[i].version, "/a");
                const char *about = cases[i].blocks;
                Events events = { 0 };
                unsigned n = check_count_descriptors();

                check_number(about, control_group_read_events(machine, &group, &events), cases[i].r);
                check_size(about, events.low, cases[i].events.low);
                check_size(about, events.high, cases[i].events.high);
                check_size(about, events.max, cases[i].events.max);
                check_size(about, events.oom, cases[i].events.oom);
                check_size(about, events.oom_kill, cases[i].events.oom_kill);
                if (cases[i].blamed)
                        check_text(about, machine->blamed, cases[i].blamed);
                check_number(about, check_count_descriptors(), n);
        }
}

static void test_statistics(void) {
        static const struct {
                const char *content;
                int version;
                bool is_machine;
                int r;
                uint64_t anonymous;
        } cases[] = {
                { "anon 1\n", 2, false, 0, 1 },
                { "anon 1\n", 2, true, 0, 1 },
                { "total_rss 2\n", 1, false, 0, 2 },
                { "", 2, false, 0, U },
                { NULL, 2, false, -ENODEV, 0 },
                { NULL, 1, false, -ENODEV, 0 },
                { NULL, 2, true, 0, U }, /* of the true root since Linux 5.8 only */
                { "anon x\n", 2, false, -EBADMSG, 0 },
                { "anon x\n", 2, true, -EBADMSG, 0 },
                { "anon 18446744073709551616\n", 2, false, -ERANGE, 0 },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 2, "/a");
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *about = cases[i].content;
                _cleanup_free_ char *text = NULL;
                Statistics statistics = { .anonymous = UNTOUCHED };
                int r;

                group.version = cases[i].version;
                group.is_machine = cases[i].is_machine;
                capture_write(capture, "a/memory.stat", about);
                r = control_group_read_statistics(machine, &group, &statistics, &text);
                check_number(about, r, cases[i].r);
                check_text(about, text, cases[i].r < 0 ? NULL : about ? about : "");
                check_size(about, statistics.anonymous, cases[i].r < 0 ? UNTOUCHED : cases[i].anonymous);
                if (cases[i].r < 0)
                        check_text(about, machine->blamed, "memory.stat of /a");

                /* The text need not be wanted. */
                check_number(about,
                             control_group_read_statistics(machine, &group, &statistics, NULL),
                             cases[i].r);
                check_number(about, check_count_descriptors(), n);
        }
}

/* More lines than any kernel has are read, and megabytes are not. */
static void test_statistics_large(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup group = capture_group(capture, "a", 2, "/a");
        g_autoptr(GString) text = g_string_new(NULL);
        Statistics statistics = { 0 };

        while (text->len < 100 * CAPTURE_KIB)
                g_string_append(text, "another_counter 12345\n");
        g_string_append(text, "inactive_file 7\n");
        capture_write(capture, "a/memory.stat", text->str);
        g_assert_cmpint(control_group_read_statistics(machine, &group, &statistics, NULL), ==, 0);
        g_assert_cmpuint(statistics.inactive_file, ==, 7);

        while (text->len < 4 * CAPTURE_MIB)
                g_string_append(text, "another_counter 12345\n");
        capture_write(capture, "a/memory.stat", text->str);
        g_assert_cmpint(control_group_read_statistics(machine, &group, &statistics, NULL), ==, -EFBIG);
        g_assert_cmpstr(machine->blamed, ==, "memory.stat of /a");
}

static void check_working_set(
        const char *about, Machine *machine, const ControlGroup *group, uint64_t usage, uint64_t wanted) {
        uint64_t working_set = UNTOUCHED;

        check_number(about, control_group_read_working_set(machine, group, usage, &working_set), 0);
        check_size(about, working_set, wanted);
}

/* An ancestor's memory.stat is read at most once in two seconds; every group for itself. What is used is
 * never said to be less than it is: what was added since counts, and what was given back may have been
 * cache. */
static void test_working_set(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group a\nmemory.stat:inactive_file 10\n"
                                                            "@group b\nmemory.stat:inactive_file 20\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup a = capture_group(capture, "a", 2, "/a");
        _cleanup_(control_group_done) ControlGroup b = capture_group(capture, "b", 2, "/b");
        _cleanup_(control_group_done) ControlGroup a_again = capture_group(capture, "a", 2, "/a");
        unsigned n = check_count_descriptors();

        check_working_set("first", machine, &a, 100, 90);
        capture_write(capture, "a/memory.stat", "inactive_file 30\n");
        check_working_set("unchanged", machine, &a, 100, 90);
        check_working_set("more is used", machine, &a, 200, 190);
        check_working_set("a little was given back", machine, &a, 95, 90);
        check_working_set("all of the cache was", machine, &a, 90, 90);
        check_working_set("and more", machine, &a, 5, 5);
        check_working_set("all", machine, &a, 0, 0);
        check_working_set("another descriptor of the same", machine, &a_again, 100, 90);
        check_working_set("another group", machine, &b, 100, 80);
        check_working_set("still remembered", machine, &a, 100, 90);

        /* What is remembered helps as long as it is fresh, even where the file cannot be read any more. */
        capture_write(capture, "a/memory.stat", "junk\n");
        check_working_set("junk not seen", machine, &a, 100, 90);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* More cache than there is usage: two readings of moving figures. */
static void test_working_set_clamped(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group a\nmemory.stat:inactive_file 150\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup a = capture_group(capture, "a", 2, "/a");

        check_working_set("clamped", machine, &a, 100, 0);
        check_working_set("remembered", machine, &a, 100, 0);
        check_working_set("what was added counts", machine, &a, 130, 30);
}

/* The memory has room for a number of groups; one that takes the place of another does not pass for it. */
static void test_working_set_collision(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group a\nmemory.stat:inactive_file 10\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup a = capture_group(capture, "a", 2, "/a");

        check_working_set("first", machine, &a, 100, 90);
        for (size_t i = 0; i < 2 * MACHINE_N_REMEMBERED; i++) {
                g_autofree char *path = g_strdup_printf("x%zu", i);
                g_autofree char *file = g_strdup_printf("%s/memory.stat", path);
                g_autofree char *text = g_strdup_printf("inactive_file %zu\n", i);

                capture_write(capture, file, text);
                _cleanup_(control_group_done) ControlGroup x = capture_group(capture, path, 2, "/x");
                check_working_set(path, machine, &x, 1000, 1000 - i);
        }
        check_working_set("after all of them", machine, &a, 100, 90);
}

/* The same number on another file system is another group. */
static void test_working_set_device(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group a\nmemory.stat:inactive_file 10\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup a = capture_group(capture, "a", 2, "/a");
        RememberedGroup other = { 0 };

        check_working_set("first", machine, &a, 100, 90);
        capture_write(capture, "a/memory.stat", "inactive_file 30\n");
        for (size_t i = 0; i < MACHINE_N_REMEMBERED; i++)
                if (machine->remembered[i].inode != 0)
                        other = machine->remembered[i];
        other.device++;
        for (size_t i = 0; i < MACHINE_N_REMEMBERED; i++)
                machine->remembered[i] = other;
        check_working_set("not this device's", machine, &a, 100, 70);
}

static void test_working_set_old(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@group a\nmemory.stat:inactive_file 10\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup a = capture_group(capture, "a", 2, "/a");

        check_working_set("first", machine, &a, 100, 90);
        capture_write(capture, "a/memory.stat", "inactive_file 30\n");
        for (size_t i = 0; i < MACHINE_N_REMEMBERED; i++)
                machine->remembered[i].working_set.read_at_usec -= 2000000;
        check_working_set("two seconds later", machine, &a, 100, 70);
        check_working_set("and remembered", machine, &a, 100, 70);
}

static void test_working_set_failures(void) {
        static const struct {
                const char *content;
                int r;
        } cases[] = { { NULL, -ENODEV }, { "junk\n", -EBADMSG }, { "x 18446744073709551616\n", -ERANGE } };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir a\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(control_group_done) ControlGroup a = capture_group(capture, "a", 2, "/a");
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                uint64_t working_set = UNTOUCHED;

                capture_write(capture, "a/memory.stat", cases[i].content);
                check_number(cases[i].content,
                             control_group_read_working_set(machine, &a, 100, &working_set),
                             cases[i].r);
                check_size(cases[i].content, working_set, UNTOUCHED);
                check_number(cases[i].content, check_count_descriptors(), n);
        }

        /* A failure is not remembered; and of the machine, all that is used is in use. */
        capture_write(capture, "a/memory.stat", "inactive_file 30\n");
        check_working_set("after failures", machine, &a, 100, 70);
        a.is_machine = true;
        check_working_set("machine", machine, &a, 100, 100);
}

static void test_done(void) {
        ControlGroup group = { .fd = -1 };

        control_group_done(&group);
        g_assert_cmpint(group.fd, ==, -1);
        g_assert_null(group.path);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/control-group/sizes-v2", test_sizes_v2);
        g_test_add_func("/control-group/sizes-v1", test_sizes_v1);
        g_test_add_func("/control-group/swap-max-v1", test_swap_max_v1);
        g_test_add_func("/control-group/machine", test_machine);
        g_test_add_func("/control-group/has-memory", test_has_memory);
        g_test_add_func("/control-group/has-memory-live", test_has_memory_live);
        g_test_add_func("/control-group/pressure", test_pressure);
        g_test_add_func("/control-group/events", test_events);
        g_test_add_func("/control-group/statistics", test_statistics);
        g_test_add_func("/control-group/statistics-large", test_statistics_large);
        g_test_add_func("/control-group/working-set", test_working_set);
        g_test_add_func("/control-group/working-set-clamped", test_working_set_clamped);
        g_test_add_func("/control-group/working-set-collision", test_working_set_collision);
        g_test_add_func("/control-group/working-set-device", test_working_set_device);
        g_test_add_func("/control-group/working-set-old", test_working_set_old);
        g_test_add_func("/control-group/working-set-failures", test_working_set_failures);
        g_test_add_func("/control-group/done", test_done);
        return g_test_run();
}
