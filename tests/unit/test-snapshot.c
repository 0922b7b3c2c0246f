/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "size.h"
#include "snapshot-properties.h"
#include "snapshot.h"
#include "web.h"

#define M CAPTURE_MIB

static int take_of_process(Machine *machine, uint32_t pid, Snapshot **ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        r = process_open(machine, pid, &process);
        if (r >= 0)
                r = subject_open_process(machine, &process, &subject);
        if (r >= 0)
                r = snapshot_take(machine, &subject, ret);
        return r;
}

static char *value_of_text(const void *value) {
        return g_strdup(*(char *const *) value);
}

static char *value_of_size(const void *value) {
        uint64_t size = *(const uint64_t *) value;

        return size == UINT64_MAX ? g_strdup("-") : g_strdup_printf("%" G_GUINT64_FORMAT, size);
}

static char *value_of_flag(const void *value) {
        return g_strdup_printf("%d", *(const int *) value);
}

/* Averages in hundredths. */
static char *value_of_pressure(const void *value) {
        const PressureLine *line = value;

        if (isnan(line->average10) && isnan(line->average60) && isnan(line->average300) &&
            line->total == SIZE_UNKNOWN)
                return g_strdup("-");
        return g_strdup_printf("%lld %lld %lld %" G_GUINT64_FORMAT,
                               llround(line->average10 * 100),
                               llround(line->average60 * 100),
                               llround(line->average300 * 100),
                               line->total);
}

#define value_of_TEXT value_of_text
#define value_of_LIMIT value_of_size
#define value_of_MEASURE value_of_size
#define value_of_FLAG value_of_flag
#define value_of_PRESSURE value_of_pressure

#define ROW(name, kind, member) { name, value_of_##kind, offsetof(Snapshot, member) },

static const struct {
        const char *name;
        char *(*value)(const void *value);
        size_t offset;
} rows[] = { SNAPSHOT_PROPERTIES(ROW) };

/* A property, and what it should be: a number, '-' for no limit or not known, a text. */
typedef struct Expected {
        const char *name, *value;
} Expected;

/* Each property has to be there once: a forgotten one would never be looked at. */
static void check_snapshot(const char *about, const Snapshot *snapshot, const Expected *expected, size_t n) {
        check_size(about, n, G_N_ELEMENTS(rows));

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *of = g_strdup_printf("%s of %s", rows[i].name, about);
                g_autofree char *value = rows[i].value((const char *) snapshot + rows[i].offset);
                const char *wanted = NULL;

                for (size_t j = 0; j < n; j++)
                        if (strcmp(expected[j].name, rows[i].name) == 0)
                                wanted = expected[j].value;
                check_text(of, value, wanted);
        }
}

/* The unit of web.h: 256 MiB are 268435456, 192 are 201326592, 128 are 134217728, 100 are 104857600, and
 * 192 - 100 = 92 are 96468992. Of 1 GiB of swap all may be used, for no group limits it. */
static void test_v2(void) {
        static const Expected expected[] = {
                { "Id", "web.service" },
                { "SystemUnit", "web.service" },
                { "Slice", "sys.slice" },
                { "ControlGroup", "/sys.slice/web.service" },
                { "Limit", "268435456" },
                { "LimitBy", "/sys.slice/web.service" },
                { "HighLimit", "201326592" },
                { "HighLimitBy", "/sys.slice/web.service" },
                { "SwapLimit", "1073741824" },
                { "SwapLimitBy", "/" },
                { "Available", "96468992" },
                { "AvailableBy", "/sys.slice/web.service" },
                { "Usage", "134217728" },
                { "WorkingSet", "104857600" },
                { "Peak", "200000000" },
                { "SwapUsage", "4096" },
                { "SwapPeak", "8192" },
                { "ZSwapUsage", "12288" },
                { "Anonymous", "11" },
                { "File", "12" },
                { "ActiveFile", "13" },
                { "InactiveFile", "29360128" },
                { "Shmem", "14" },
                { "Kernel", "15" },
                { "SlabReclaimable", "16" },
                { "PressureSome", "150 225 300 400" },
                { "PressureFull", "50 25 75 100" },
                { "EventsLow", "1" },
                { "EventsHigh", "2" },
                { "EventsMax", "3" },
                { "EventsOOM", "4" },
                { "EventsOOMKill", "5" },
                { "Max", "268435456" },
                { "High", "201326592" },
                { "Min", "1048576" },
                { "Low", "2097152" },
                { "SwapMax", "-" },
                { "OOMGroup", "1" },
        };
        static const char statistics[] = "anon 11\nfile 12\nactive_file 13\nshmem 14\nkernel 15\n"
                                         "slab_reclaimable 16\nzswap 99\ninactive_file 29360128\n";
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        Snapshot *snapshot = NULL;

        capture_write(capture, "sys/fs/cgroup/sys.slice/web.service/memory.stat", statistics);
        g_assert_cmpint(take_of_process(machine, WEB_FREE, &snapshot), ==, 0);
        check_snapshot("v2", snapshot, expected, G_N_ELEMENTS(expected));
        g_assert_cmpstr(snapshot->statistics, ==, statistics);
        snapshot_free(snapshot);
}

/* An old kernel lacks files, and nothing of that is an error. */
static void test_v2_sparse(void) {
        static const Expected expected[] = {
                { "Id", "a.service" },
                { "SystemUnit", "a.service" },
                { "Slice", "-.slice" },
                { "ControlGroup", "/a.service" },
                { "Limit", "4294967296" },
                { "LimitBy", "/" },
                { "HighLimit", "-" },
                { "HighLimitBy", "" },
                { "SwapLimit", "1073741824" },
                { "SwapLimitBy", "/" },
                { "Available", "3221225472" },
                { "AvailableBy", "/" },
                { "Usage", "1048576" },
                { "WorkingSet", "1048576" },
                { "Peak", "-" },
                { "SwapUsage", "-" },
                { "SwapPeak", "-" },
                { "ZSwapUsage", "77" }, /* no file of its own, but a line in memory.stat */
                { "Anonymous", "1" },
                { "File", "-" },
                { "ActiveFile", "-" },
                { "InactiveFile", "-" },
                { "Shmem", "-" },
                { "Kernel", "-" },
                { "SlabReclaimable", "-" },
                { "PressureSome", "-" },
                { "PressureFull", "-" },
                { "EventsLow", "-" },
                { "EventsHigh", "-" },
                { "EventsMax", "-" },
                { "EventsOOM", "-" },
                { "EventsOOMKill", "-" },
                { "Max", "-" },
                { "High", "-" },
                { "Min", "0" },
                { "Low", "0" },
                { "SwapMax", "-" },
                { "OOMGroup", "0" },
        };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V2
                "@group sys/fs/cgroup/a.service\nmemory.current:1048576\nmemory.max:max\n"
                "memory.stat:anon 1\nmemory.stat:zswap 77\n@file proc/50/cgroup\n0::/a.service\n");
        Snapshot *snapshot = NULL;

        g_assert_cmpint(take_of_process(capture_machine(capture), 50, &snapshot), ==, 0);
        check_snapshot("sparse v2", snapshot, expected, G_N_ELEMENTS(expected));
        snapshot_free(snapshot);
}

/* Usage 128 MiB of at most 256, 28 of them inactive: 256 - 100 = 156 MiB are 163577856. Both together may be
 * 320 MiB, which leaves 64 for swap: 67108864. */
static void test_v1(void) {
        static const Expected expected[] = {
                { "Id", "d.scope" },
                { "SystemUnit", "b.service" },
                { "Slice", "a.slice" },
                { "ControlGroup", "/a.slice/b.service" },
                { "Limit", "268435456" },
                { "LimitBy", "/a.slice/b.service" },
                { "HighLimit", "-" },
                { "HighLimitBy", "" },
                { "SwapLimit", "67108864" },
                { "SwapLimitBy", "/a.slice/b.service" },
                { "Available", "163577856" },
                { "AvailableBy", "/a.slice/b.service" },
                { "Usage", "134217728" },
                { "WorkingSet", "104857600" },
                { "Peak", "200000000" },
                { "SwapUsage", "14" },
                { "SwapPeak", "-" },
                { "ZSwapUsage", "-" },
                { "Anonymous", "11" },
                { "File", "12" },
                { "ActiveFile", "13" },
                { "InactiveFile", "29360128" },
                { "Shmem", "15" },
                { "Kernel", "16384" },
                { "SlabReclaimable", "-" },
                { "PressureSome", "-" },
                { "PressureFull", "-" },
                { "EventsLow", "-" },
                { "EventsHigh", "-" },
                { "EventsMax", "3" },
                { "EventsOOM", "-" },
                { "EventsOOMKill", "5" },
                { "Max", "268435456" },
                { "High", "-" },
                { "Min", "0" },
                { "Low", "0" },
                { "SwapMax", "67108864" },
                { "OOMGroup", "0" },
        };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V1
                "@group sys/fs/cgroup/memory/a.slice\nmemory.limit_in_bytes:9223372036854771712\n"
                "memory.usage_in_bytes:200000000\nmemory.memsw.limit_in_bytes:9223372036854771712\n"
                "@group sys/fs/cgroup/memory/a.slice/b.service\nmemory.limit_in_bytes:268435456\n"
                "memory.usage_in_bytes:134217728\nmemory.memsw.limit_in_bytes:335544320\n"
                "memory.max_usage_in_bytes:200000000\nmemory.kmem.usage_in_bytes:16384\n"
                "memory.soft_limit_in_bytes:1\nmemory.failcnt:3\n"
                "memory.oom_control:under_oom 0\nmemory.oom_control:oom_kill 5\n"
                "memory.stat:rss 1\nmemory.stat:total_rss 11\nmemory.stat:total_cache 12\n"
                "memory.stat:total_active_file 13\nmemory.stat:total_swap 14\n"
                "memory.stat:total_shmem 15\nmemory.stat:total_inactive_file 29360128\n"
                "memory.stat:hierarchical_memory_limit 268435456\n"
                "@file proc/50/cgroup\n4:memory:/a.slice/b.service\n"
                "1:name=systemd:/a.slice/b.service/d.scope\n0::/\n");
        Snapshot *snapshot = NULL;

        g_assert_cmpint(take_of_process(capture_machine(capture), 50, &snapshot), ==, 0);
        check_snapshot("v1", snapshot, expected, G_N_ELEMENTS(expected));
        snapshot_free(snapshot);
}

/* 1 GiB of swap less the 768 MiB that are free: 256 MiB are 268435456. */
static void test_machine(void) {
        static const Expected expected[] = {
                { "Id", "" },
                { "SystemUnit", "" },
                { "Slice", "" },
                { "ControlGroup", "/" },
                { "Limit", "4294967296" },
                { "LimitBy", "/" },
                { "HighLimit", "-" },
                { "HighLimitBy", "" },
                { "SwapLimit", "1073741824" },
                { "SwapLimitBy", "/" },
                { "Available", "3221225472" },
                { "AvailableBy", "/" },
                { "Usage", "1073741824" },
                { "WorkingSet", "1073741824" },
                { "Peak", "-" },
                { "SwapUsage", "268435456" },
                { "SwapPeak", "-" },
                { "ZSwapUsage", "-" },
                { "Anonymous", "1" },
                { "File", "-" },
                { "ActiveFile", "-" },
                { "InactiveFile", "-" },
                { "Shmem", "-" },
                { "Kernel", "-" },
                { "SlabReclaimable", "-" },
                { "PressureSome", "-" },
                { "PressureFull", "-" },
                { "EventsLow", "-" },
                { "EventsHigh", "-" },
                { "EventsMax", "-" },
                { "EventsOOM", "-" },
                { "EventsOOMKill", "-" },
                { "Max", "-" },
                { "High", "-" },
                { "Min", "0" },
                { "Low", "0" },
                { "SwapMax", "-" },
                { "OOMGroup", "0" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Snapshot *snapshot = NULL;

        g_assert_cmpint(take_of_process(capture_machine(capture), WEB_ROOT, &snapshot), ==, 0);
        check_snapshot("machine", snapshot, expected, G_N_ELEMENTS(expected));
        snapshot_free(snapshot);
}

static void test_levels(void) {
        static const struct {
                const char *control_group, *unit;
                uint64_t usage, available, swap_usage;
        } expected[] = {
                { "/sys.slice/web.service/free", "web.service", 8 * M, SIZE_UNKNOWN, 4096 },
                { "/sys.slice/web.service", "web.service", 128 * M, 92 * M, 4096 },
                { "/sys.slice", "sys.slice", 300 * M, 312 * M, 4096 },
                { "/", "", 1024 * M, 3072 * M, 256 * M },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Snapshot *snapshot = NULL;

        g_assert_cmpint(take_of_process(capture_machine(capture), WEB_FREE, &snapshot), ==, 0);
        g_assert_cmpuint(snapshot->n_levels, ==, G_N_ELEMENTS(expected));
        for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
                const char *about = expected[i].control_group;

                check_text(about, snapshot->levels[i].control_group, about);
                check_text(about, snapshot->levels[i].unit, expected[i].unit);
                check_size(about, snapshot->levels[i].level.usage, expected[i].usage);
                check_size(about, snapshot->levels[i].level.available, expected[i].available);
                check_size(about, snapshot->levels[i].swap_usage, expected[i].swap_usage);
        }
        snapshot_free(snapshot);
}

static void test_swap_limit(void) {
        static const struct {
                const char *slice, *unit, *meminfo;
                uint64_t limit;
                const char *by;
        } cases[] = {
                { "max\n", "max\n", "SwapTotal: 1024 kB\n", M, "/" },
                { "max\n", "2097152\n", "SwapTotal: 1024 kB\n", M, "/" },
                { "max\n", "4096\n", "SwapTotal: 1024 kB\n", 4096, "/sys.slice/web.service" },
                { "4096\n", "max\n", "SwapTotal: 1024 kB\n", 4096, "/sys.slice" },
                { "4096\n", "4096\n", "SwapTotal: 1024 kB\n", 4096, "/sys.slice/web.service" },
                { "0\n", "4096\n", "SwapTotal: 1024 kB\n", 0, "/sys.slice" },
                { "max\n", "max\n", "SwapTotal: 0 kB\n", 0, "/" },
                /* Nobody says. */
                { "max\n", "max\n", "", SIZE_UNKNOWN, "" },
                { NULL, NULL, "", SIZE_UNKNOWN, "" },
                { "max\n", "4096\n", "", 4096, "/sys.slice/web.service" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about =
                        g_strdup_printf("%s, %s, %s", cases[i].slice, cases[i].unit, cases[i].meminfo);
                g_autofree char *meminfo =
                        g_strconcat("MemTotal: 4096 kB\nMemAvailable: 3072 kB\n", cases[i].meminfo, NULL);
                Snapshot *snapshot = NULL;

                capture_write(capture, "proc/meminfo", meminfo);
                capture_write(capture, "sys/fs/cgroup/sys.slice/memory.swap.max", cases[i].slice);
                capture_write(capture, "sys/fs/cgroup/sys.slice/web.service/memory.swap.max", cases[i].unit);
                if (!check_number(about, take_of_process(machine, WEB_ITSELF, &snapshot), 0) || !snapshot)
                        continue;
                check_size(about, snapshot->swap_limit, cases[i].limit);
                check_text(about, snapshot->swap_limit_by, cases[i].by);
                snapshot_free(snapshot);
        }
}

static void test_high_limit(void) {
        static const struct {
                const char *slice, *unit;
                uint64_t limit;
                const char *by;
        } cases[] = {
                { "max\n", "max\n", SIZE_UNLIMITED, "" },
                { "100\n", "max\n", 100, "/sys.slice" },
                { "100\n", "50\n", 50, "/sys.slice/web.service" },
                { "100\n", "100\n", 100, "/sys.slice/web.service" },
                { "100\n", "200\n", 100, "/sys.slice" },
                { NULL, "0\n", 0, "/sys.slice/web.service" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s, %s", cases[i].slice, cases[i].unit);
                Snapshot *snapshot = NULL;

                capture_write(capture, "sys/fs/cgroup/sys.slice/memory.high", cases[i].slice);
                capture_write(capture, "sys/fs/cgroup/sys.slice/web.service/memory.high", cases[i].unit);
                if (!check_number(about, take_of_process(machine, WEB_ITSELF, &snapshot), 0) || !snapshot)
                        continue;
                check_size(about, snapshot->high_limit, cases[i].limit);
                check_text(about, snapshot->high_limit_by, cases[i].by);
                snapshot_free(snapshot);
        }
}

/* Names that no D-Bus string and no terminal may hold are shown as such. */
static void test_shown(void) {
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V2 "@group-escaped sys/fs/cgroup/a\\xff\\x1b\nmemory.current:1\nmemory.max:4096\n"
                           "memory.high:4096\nmemory.swap.max:1\nmemory.stat:anon 1\n"
                           "@file-escaped proc/50/cgroup\n0::/a\\xff\\x1b\\n\n");
        Snapshot *snapshot = NULL;

        g_assert_cmpint(take_of_process(capture_machine(capture), 50, &snapshot), ==, 0);
        g_assert_cmpstr(snapshot->control_group, ==, "/a\\xff\\x1b");
        g_assert_cmpstr(snapshot->limit_by, ==, "/a\\xff\\x1b");
        g_assert_cmpstr(snapshot->high_limit_by, ==, "/a\\xff\\x1b");
        g_assert_cmpstr(snapshot->swap_limit_by, ==, "/a\\xff\\x1b");
        g_assert_cmpstr(snapshot->available_by, ==, "/a\\xff\\x1b");
        g_assert_cmpstr(snapshot->levels[0].control_group, ==, "/a\\xff\\x1b");
        snapshot_free(snapshot);
}

#define SLICE "sys/fs/cgroup/sys.slice/"
#define UNIT SLICE "web.service/"
#define INNER UNIT "free/"

/* Each file of the captured machine in turn is missing, is a directory, holds junk, nothing, or a number
 * that is too large. What then comes out is documented, nothing stays open, and what comes out is never half
 * a snapshot. */
static void test_damage(void) {
        static const struct {
                const char *path;
                int missing, malformed;
        } cases[] = {
                { "proc/self/mountinfo", -ENOMEDIUM, -EBADMSG },
                { "proc/meminfo", -ENOMEDIUM, -EBADMSG },
                { "proc/42/cgroup", -ESRCH, -EBADMSG },
                /* The process's own group, below the unit. Without usage it has no memory files. */
                { INNER "memory.current", 0, -EBADMSG },
                { INNER "memory.max", -ENODEV, -EBADMSG },
                { INNER "memory.high", 0, -EBADMSG },
                { INNER "memory.stat", -ENODEV, -EBADMSG },
                { INNER "memory.swap.current", 0, -EBADMSG },
                { INNER "memory.swap.max", 0, -EBADMSG },
                /* The reported group. */
                { UNIT "memory.current", -ENODEV, -EBADMSG },
                { UNIT "memory.max", -ENODEV, -EBADMSG },
                { UNIT "memory.stat", -ENODEV, -EBADMSG },
                { UNIT "memory.high", 0, -EBADMSG },
                { UNIT "memory.min", 0, -EBADMSG },
                { UNIT "memory.low", 0, -EBADMSG },
                { UNIT "memory.oom.group", 0, -EBADMSG },
                { UNIT "memory.peak", 0, -EBADMSG },
                { UNIT "memory.swap.current", 0, -EBADMSG },
                { UNIT "memory.swap.max", 0, -EBADMSG },
                { UNIT "memory.swap.peak", 0, -EBADMSG },
                { UNIT "memory.zswap.current", 0, -EBADMSG },
                { UNIT "memory.pressure", 0, -EBADMSG },
                { UNIT "memory.events", 0, -EBADMSG },
                /* A limited ancestor. */
                { SLICE "memory.current", -ENODEV, -EBADMSG },
                { SLICE "memory.max", -ENODEV, -EBADMSG },
                { SLICE "memory.stat", -ENODEV, -EBADMSG },
                { SLICE "memory.high", 0, -EBADMSG },
                { SLICE "memory.swap.current", 0, -EBADMSG },
                { SLICE "memory.swap.max", 0, -EBADMSG },
                /* What is of other groups is not looked at. */
                { "sys/fs/cgroup/memory.stat", 0, 0 },
                { "sys/fs/cgroup/free.slice/memory.max", 0, 0 },
                { UNIT "worker/memory.max", 0, 0 },
        };
        static const struct {
                const char *content; /* NULL: missing */
                bool is_directory;
                bool is_statistics_fine; /* a file of many lines may well have none */
        } damages[] = {
                { NULL, false, false },     { NULL, true, false },  { "", false, true },
                { "junk\n", false, false }, { "\n", false, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(damages); j++) {
                        g_autofree char *about = g_strdup_printf("%s, damage %zu", cases[i].path, j);
                        g_autofree char *directory = g_strdup_printf("%s/x", cases[i].path);
                        g_autoptr(Capture) capture = capture_new(web_blocks);
                        bool is_missing = !damages[j].content && !damages[j].is_directory;
                        int wanted = is_missing ? cases[i].missing : cases[i].malformed;
                        unsigned n = check_count_descriptors();
                        Machine *machine = NULL;
                        Snapshot *snapshot = NULL;
                        int r;

                        capture_write(capture, cases[i].path, damages[j].content);
                        if (damages[j].is_directory)
                                capture_write(capture, directory, "");

                        r = machine_new(capture_open(capture, "."), &machine);
                        if (r >= 0)
                                r = take_of_process(machine, 42, &snapshot);

                        if (damages[j].is_directory && wanted == -EBADMSG)
                                wanted = -EISDIR;
                        /* An empty list of mounts or of counters is a list. */
                        if (damages[j].is_statistics_fine && wanted == -EBADMSG) {
                                if (g_str_has_suffix(cases[i].path, "memory.stat") ||
                                    g_str_has_suffix(cases[i].path, "memory.events"))
                                        wanted = 0;
                                if (g_str_has_suffix(cases[i].path, "mountinfo") ||
                                    g_str_has_suffix(cases[i].path, "cgroup"))
                                        wanted = -ENODATA;
                        }

                        check_number(about, r, wanted);
                        check_number(about, !!snapshot, r >= 0);
                        if (r < 0)
                                check_true(about, machine && machine->blamed[0] != '\0');
                        snapshot_free(snapshot);
                        machine_free(machine);
                        check_number(about, check_count_descriptors(), n);
                }
}

static void test_free(void) {
        g_assert_null(snapshot_free(NULL));
        g_assert_null(snapshot_free(calloc(1, sizeof(Snapshot))));
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/snapshot/v2", test_v2);
        g_test_add_func("/snapshot/v2-sparse", test_v2_sparse);
        g_test_add_func("/snapshot/v1", test_v1);
        g_test_add_func("/snapshot/machine", test_machine);
        g_test_add_func("/snapshot/levels", test_levels);
        g_test_add_func("/snapshot/swap-limit", test_swap_limit);
        g_test_add_func("/snapshot/high-limit", test_high_limit);
        g_test_add_func("/snapshot/shown", test_shown);
        g_test_add_func("/snapshot/damage", test_damage);
        g_test_add_func("/snapshot/free", test_free);
        return g_test_run();
}
