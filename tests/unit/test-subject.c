/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "size.h"
#include "subject.h"
#include "web.h"

/* What is wanted of a subject; r < 0: that it cannot be opened. */
typedef struct Wanted {
        int r;
        const char *groups; /* innermost first, with '|' behind each */
        const char *id, *system_unit, *slice;
        const char *reported;
        uint64_t limit;
        const char *by;
} Wanted;

static char *list(const Chain *chain) {
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < chain->n; i++)
                g_string_append_printf(text, "%s|", chain->groups[i].path);
        return g_string_free(text, FALSE);
}

static void check_subject(const char *about, const Subject *subject, const Wanted *wanted) {
        g_autofree char *groups = list(&subject->chain);
        Effective limit;

        check_text(about, groups, wanted->groups);
        check_text(about, subject->unit.id, wanted->id);
        check_text(about, subject->unit.system_unit, wanted->system_unit);
        check_text(about, subject->unit.slice, wanted->slice);
        if (!check_true(about, subject->reported < subject->chain.n))
                return;
        check_text(about, subject_group(subject)->path, wanted->reported);
        check_size(about, subject->physical, 4 * CAPTURE_GIB);

        limit = subject_limit(subject);
        check_size(about, limit.value, wanted->limit);
        check_text(about, limit.by, wanted->by);
}

static void check_process(Capture *capture, uint32_t pid, const Wanted *wanted) {
        g_autofree char *about = g_strdup_printf("process %u", pid);
        Machine *machine = capture_machine(capture);
        _cleanup_(process_done) Process process = { .fd = -1 };
        Subject subject = { 0 };
        unsigned n;

        g_assert_cmpint(process_open(machine, pid, &process), ==, 0);
        n = check_count_descriptors();
        if (check_number(about, subject_open_process(machine, &process, &subject), wanted->r) &&
            wanted->r >= 0)
                check_subject(about, &subject, wanted);
        if (wanted->r < 0)
                check_true(about, !subject.chain.groups && !subject.max && !subject.unit.id);
        subject_done(&subject);
        check_true(about, check_count_descriptors() <= n + 1); /* the mount stays open */
}

static void test_process(void) {
        static const struct {
                uint32_t pid;
                Wanted wanted;
        } cases[] = {
                /* The smallest limit is set below the unit: that group is reported. */
                { WEB_WORKER,
                  { 0,
                    "/sys.slice/web.service/worker|/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service/worker",
                    64 * CAPTURE_MIB,
                    "/sys.slice/web.service/worker" } },
                { WEB_FREE,
                  { 0,
                    "/sys.slice/web.service/free|/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service",
                    256 * CAPTURE_MIB,
                    "/sys.slice/web.service" } },
                /* On a tie the innermost sets it. */
                { WEB_EQUAL,
                  { 0,
                    "/sys.slice/web.service/equal|/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service/equal",
                    256 * CAPTURE_MIB,
                    "/sys.slice/web.service/equal" } },
                { WEB_BARE,
                  { 0,
                    "/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service",
                    256 * CAPTURE_MIB,
                    "/sys.slice/web.service" } },
                { WEB_ITSELF,
                  { 0,
                    "/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service",
                    256 * CAPTURE_MIB,
                    "/sys.slice/web.service" } },
                { WEB_ONE,
                  { 0,
                    "/free.slice/one.service|/free.slice|/|",
                    "one.service",
                    "one.service",
                    "free.slice",
                    "/free.slice/one.service",
                    4 * CAPTURE_GIB,
                    "/" } },
                /* In no unit its own group is reported. */
                { WEB_PLAIN, { 0, "/plain|/|", "", "", "", "/plain", 4 * CAPTURE_GIB, "/" } },
                { WEB_ROOT, { 0, "/|", "", "", "", "/", 4 * CAPTURE_GIB, "/" } },
                { WEB_SLICE,
                  { 0,
                    "/sys.slice|/|",
                    "sys.slice",
                    "",
                    "-.slice",
                    "/sys.slice",
                    512 * CAPTURE_MIB,
                    "/sys.slice" } },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_process(capture, cases[i].pid, &cases[i].wanted);
}

/* Lines of /proc/PID/cgroup that lead nowhere. */
static void test_process_failures(void) {
        static const struct {
                const char *text; /* NULL: there is no such file */
                int r;
                const char *blamed;
        } cases[] = {
                { "0::/sys.slice/gone.service\n", -ENODEV, "/sys.slice/gone.service" },
                { "0::/../x\n", -ENODATA, "/../x" },
                { "", -ENODATA, "proc/41/cgroup" },
                { "3:cpu:/a\n", -ENODATA, "proc/41/cgroup" },
                { "1:name=systemd:/sys.slice\n", -ENODATA, "proc/41/cgroup" },
                { "4:memory:/sys.slice\n", -ENODATA, "/sys.slice" }, /* v1 is not mounted */
                { "0::/sys.slice/web.service", -EBADMSG, "proc/41/cgroup" },
                { NULL, -ESRCH, "proc/41/cgroup" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new(web_blocks);

                capture_write(capture, "proc/41/cgroup", cases[i].text);
                capture_write(capture, "proc/41/comm", "");
                check_process(capture, WEB_WORKER, &(Wanted) { .r = cases[i].r });
                check_text(cases[i].text, capture->machine->blamed, cases[i].blamed);
        }
}

/* Nothing that could limit it, and nothing that can be seen, are two things. */
static void test_unaccounted(void) {
        static const struct {
                const char *blocks;
                const char *text; /* of /proc/PID/cgroup */
                int r;
                const char *unit;
        } cases[] = {
                /* No hierarchy has the memory controller. */
                { web_blocks, "", 1, "" },
                { web_blocks, "3:cpu:/a\n", 1, "" },
                { web_blocks, "3:cpu:/a\n1:name=systemd:/sys.slice\n", 1, "sys.slice" },
                /* It is switched on for no group. */
                { CAPTURE_V2, "0::/empty\n", 1, "" },
                { CAPTURE_V2 "@dir sys/fs/cgroup/a.slice/b.service\n",
                  "0::/a.slice/b.service\n",
                  1,
                  "b.service" },
                { CAPTURE_V2, "0::/\n", 1, "" },
                /* It is, further up or right here. */
                { web_blocks, "0::/sys.slice/web.service/bare\n", 0, NULL },
                { web_blocks, "0::/sys.slice\n", 0, NULL },
                /* The root cannot be seen: what is mounted is a group. */
                { CAPTURE_V2_BOX "@dir sys/fs/cgroup/x\n", "0::/box/x\n", 0, NULL },
                { CAPTURE_V2_BOX "@dir sys/fs/cgroup/x\n", "0::/x\n", 0, NULL },
                { CAPTURE_MEMINFO "@file proc/self/mountinfo\n"
                                  "29 22 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
                                  "@file sys/fs/cgroup/cgroup.type\ndomain\n"
                                  "@dir sys/fs/cgroup/x\n",
                  "0::/x\n",
                  0,
                  NULL },
                /* It lies outside of our cgroup namespace, or is not mounted. */
                { web_blocks, "0::/../x\n", 0, NULL },
                { web_blocks, "4:memory:/sys.slice\n", 0, NULL },
                { CAPTURE_MEMINFO "@file proc/self/mountinfo\n22 1 0:20 / /sys rw - sysfs sysfs rw\n",
                  "0::/sys.slice\n",
                  0,
                  NULL },
                { web_blocks, "0::/sys.slice/gone.service\n", -ENODEV, NULL },
                { web_blocks, "0::/", -EBADMSG, NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%zu: %s", i, cases[i].text);
                g_autoptr(Capture) capture = capture_new(cases[i].blocks);
                _cleanup_(process_done) Process process = { .fd = -1 };
                _cleanup_free_ char *unit = NULL;
                Machine *machine;

                capture_write(capture, "proc/77/cgroup", cases[i].text);
                machine = capture_machine(capture);
                g_assert_cmpint(process_open(machine, 77, &process), ==, 0);
                check_number(about, subject_is_unaccounted(machine, &process, &unit), cases[i].r);
                check_text(about, unit, cases[i].unit);
        }
}

/* On v1 the unit's name is on one line, and memory on another. */
static void test_process_v1(void) {
        static const struct {
                const char *text;
                Wanted wanted;
        } cases[] = {
                { "4:memory:/a.slice/b.service\n1:name=systemd:/a.slice/b.service\n",
                  { 0,
                    "/a.slice/b.service|/a.slice|/|",
                    "b.service",
                    "b.service",
                    "a.slice",
                    "/a.slice/b.service",
                    100 * CAPTURE_MIB,
                    "/a.slice" } },
                /* A user's unit has no memory group of its own. */
                { "4:memory:/a.slice/b.service\n1:name=systemd:/a.slice/b.service/c.slice/d.scope\n",
                  { 0,
                    "/a.slice/b.service|/a.slice|/|",
                    "d.scope",
                    "b.service",
                    "c.slice",
                    "/a.slice/b.service",
                    100 * CAPTURE_MIB,
                    "/a.slice" } },
                /* Below the unit: the unit is reported. */
                { "4:memory:/a.slice/b.service/x\n1:name=systemd:/a.slice/b.service\n",
                  { 0,
                    "/a.slice/b.service/x|/a.slice/b.service|/a.slice|/|",
                    "b.service",
                    "b.service",
                    "a.slice",
                    "/a.slice/b.service",
                    100 * CAPTURE_MIB,
                    "/a.slice" } },
                /* The two lie in different places; that the names begin alike means nothing. */
                { "4:memory:/a.slice/b.service/x\n1:name=systemd:/a.slice/b.servic.service\n",
                  { 0,
                    "/a.slice/b.service/x|/a.slice/b.service|/a.slice|/|",
                    "b.servic.service",
                    "b.servic.service",
                    "a.slice",
                    "/a.slice/b.service/x",
                    100 * CAPTURE_MIB,
                    "/a.slice" } },
                { "4:memory:/a.slice/b.service/x\n1:name=systemd:/a.slice/z.service\n",
                  { 0,
                    "/a.slice/b.service/x|/a.slice/b.service|/a.slice|/|",
                    "z.service",
                    "z.service",
                    "a.slice",
                    "/a.slice/b.service/x",
                    100 * CAPTURE_MIB,
                    "/a.slice" } },
                { "4:memory:/other\n1:name=systemd:/a.slice/b.service\n",
                  { 0, "/other|/|", "b.service", "b.service", "a.slice", "/other", 4 * CAPTURE_GIB, "/" } },
                { "4:memory:/\n1:name=systemd:/a.slice/b.service\n",
                  { 0, "/|", "b.service", "b.service", "a.slice", "/", 4 * CAPTURE_GIB, "/" } },
                { "4:memory:/a.slice/b.service\n",
                  { 0,
                    "/a.slice/b.service|/a.slice|/|",
                    "",
                    "",
                    "",
                    "/a.slice/b.service",
                    100 * CAPTURE_MIB,
                    "/a.slice" } },
                { "4:memory:/a.slice/gone\n1:name=systemd:/a.slice\n", { .r = -ENODEV } },
        };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V1 "@group sys/fs/cgroup/memory/a.slice\nmemory.limit_in_bytes:104857600\n"
                           "memory.usage_in_bytes:1\nmemory.stat:hierarchical_memory_limit 104857600\n"
                           "@group sys/fs/cgroup/memory/a.slice/b.service\n"
                           "memory.limit_in_bytes:9223372036854771712\nmemory.usage_in_bytes:1\n"
                           "memory.stat:hierarchical_memory_limit 104857600\n"
                           "@group sys/fs/cgroup/memory/a.slice/b.service/x\n"
                           "memory.limit_in_bytes:9223372036854771712\nmemory.usage_in_bytes:1\n"
                           "@group sys/fs/cgroup/memory/other\n"
                           "memory.limit_in_bytes:9223372036854771712\nmemory.usage_in_bytes:1\n");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                capture_write(capture, "proc/50/cgroup", cases[i].text);
                check_process(capture, 50, &cases[i].wanted);
        }
}

/* In a container, where what lies above cannot be seen, v1 still tells of the limit there. */
static void test_above(void) {
        static const struct {
                const char *top_max, *inner_max;
                const char *hierarchical; /* what the inner group's memory.stat says */
                uint64_t above, limit;
                const char *by;
        } cases[] = {
                { "9223372036854771712",
                  "9223372036854771712",
                  "104857600",
                  100 * CAPTURE_MIB,
                  100 * CAPTURE_MIB,
                  "/" },
                { "209715200",
                  "9223372036854771712",
                  "104857600",
                  100 * CAPTURE_MIB,
                  100 * CAPTURE_MIB,
                  "/" },
                { "104857600",
                  "9223372036854771712",
                  "104857600",
                  SIZE_UNLIMITED,
                  100 * CAPTURE_MIB,
                  "/box" },
                { "9223372036854771712",
                  "104857600",
                  "104857600",
                  SIZE_UNLIMITED,
                  100 * CAPTURE_MIB,
                  "/box/a" },
                { "104857600", "104857600", "104857600", SIZE_UNLIMITED, 100 * CAPTURE_MIB, "/box/a" },
                { "9223372036854771712",
                  "9223372036854771712",
                  "9223372036854771712",
                  SIZE_UNLIMITED,
                  4 * CAPTURE_GIB,
                  "/" },
                /* More than there is. */
                { "9223372036854771712",
                  "9223372036854771712",
                  "8589934592",
                  8 * CAPTURE_GIB,
                  4 * CAPTURE_GIB,
                  "/" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf(
                        "%s, %s, %s", cases[i].top_max, cases[i].inner_max, cases[i].hierarchical);
                g_autofree char *blocks = g_strdup_printf(
                        CAPTURE_V1_BOX
                        "@group sys/fs/cgroup/memory\nmemory.usage_in_bytes:1\n"
                        "memory.limit_in_bytes:%s\nmemory.stat:junk\n"
                        "@group sys/fs/cgroup/memory/a\nmemory.usage_in_bytes:1\n"
                        "memory.limit_in_bytes:%s\nmemory.stat:hierarchical_memory_limit %s\n",
                        cases[i].top_max,
                        cases[i].inner_max,
                        cases[i].hierarchical);
                g_autoptr(Capture) capture = capture_new(blocks);
                _cleanup_(subject_done) Subject subject = { 0 };

                if (!check_number(
                            about, subject_open_group(capture_machine(capture), "/box/a", &subject), 0))
                        continue;
                check_size(about, subject.above, cases[i].above);
                check_size(about, subject_limit(&subject).value, cases[i].limit);
                check_text(about, subject_limit(&subject).by, cases[i].by);
        }
}

/* At the machine itself nothing lies above, whatever memory.stat says; nor does v2 tell of it. */
static void test_nothing_above(void) {
        static const char *const trees[] = {
                CAPTURE_V1 "@group sys/fs/cgroup/memory/a\nmemory.usage_in_bytes:1\n"
                           "memory.limit_in_bytes:9223372036854771712\n"
                           "memory.stat:hierarchical_memory_limit 104857600\n",
                CAPTURE_V2 "@file sys/fs/cgroup/memory.current\n1\n@file sys/fs/cgroup/memory.max\nmax\n"
                           "@group sys/fs/cgroup/a\nmemory.current:1\nmemory.max:max\n"
                           "memory.stat:hierarchical_memory_limit 104857600\n",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(trees); i++) {
                g_autoptr(Capture) capture = capture_new(trees[i]);
                _cleanup_(subject_done) Subject subject = { 0 };

                check_number(trees[i], subject_open_group(capture_machine(capture), "/a", &subject), 0);
                check_size(trees[i], subject.above, SIZE_UNLIMITED);
                check_size(trees[i], subject_limit(&subject).value, 4 * CAPTURE_GIB);
                check_text(trees[i], subject_limit(&subject).by, "/");
        }
}

/* A limit that is no smaller than RAM. */
static void test_limit_and_physical(void) {
        static const struct {
                const char *slice, *unit;
                uint64_t limit;
                const char *by;
        } cases[] = {
                { "4294967296\n", "max\n", 4 * CAPTURE_GIB, "/sys.slice" },
                { "4294967296\n", "4294967296\n", 4 * CAPTURE_GIB, "/sys.slice/web.service" },
                { "4294967297\n", "max\n", 4 * CAPTURE_GIB, "/" },
                { "max\n", "4294967295\n", UINT64_C(4294967295), "/sys.slice/web.service" },
                { "0\n", "max\n", 0, "/sys.slice" },
                { "0\n", "0\n", 0, "/sys.slice/web.service" },
                { "1\n", "2\n", 1, "/sys.slice" },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("%s above %s", cases[i].slice, cases[i].unit);
                _cleanup_(subject_done) Subject subject = { 0 };

                capture_write(capture, "sys/fs/cgroup/sys.slice/memory.max", cases[i].slice);
                capture_write(capture, "sys/fs/cgroup/sys.slice/web.service/memory.max", cases[i].unit);
                check_number(about, subject_open_group(machine, "/sys.slice/web.service", &subject), 0);
                check_size(about, subject_limit(&subject).value, cases[i].limit);
                check_text(about, subject_limit(&subject).by, cases[i].by);
        }
}

static void test_group(void) {
        static const struct {
                const char *path;
                Wanted wanted;
        } cases[] = {
                { "/", { 0, "/|", "", "", "", "/", 4 * CAPTURE_GIB, "/" } },
                { "/sys.slice",
                  { 0,
                    "/sys.slice|/|",
                    "sys.slice",
                    "",
                    "-.slice",
                    "/sys.slice",
                    512 * CAPTURE_MIB,
                    "/sys.slice" } },
                /* A group reports itself, not the unit it lies in. */
                { "/sys.slice/web.service/free",
                  { 0,
                    "/sys.slice/web.service/free|/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service/free",
                    256 * CAPTURE_MIB,
                    "/sys.slice/web.service" } },
                { "/sys.slice/web.service/bare",
                  { 0,
                    "/sys.slice/web.service|/sys.slice|/|",
                    "web.service",
                    "web.service",
                    "sys.slice",
                    "/sys.slice/web.service",
                    256 * CAPTURE_MIB,
                    "/sys.slice/web.service" } },
                { "/absent", { .r = -ENOENT } },
                { "/sys.slice/absent.service", { .r = -ENOENT } },
                { "/sys.slice/memory.max", { .r = -ENOENT } },
                { "", { .r = -ENOENT } },
                { "sys.slice", { .r = -ENOENT } },
                { "/sys.slice/", { .r = -ENOENT } },
                { "//sys.slice", { .r = -ENOENT } },
                { "/sys.slice/../sys.slice", { .r = -ENOENT } },
                { "/..", { .r = -ENOENT } },
                { "/../x", { .r = -ENOENT } },
                { "/.", { .r = -ENOENT } },
        };
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Subject subject = { 0 };
                int r = subject_open_group(machine, cases[i].path, &subject);

                if (check_number(cases[i].path, r, cases[i].wanted.r) && r >= 0)
                        check_subject(cases[i].path, &subject, &cases[i].wanted);
                if (r < 0)
                        check_text(cases[i].path, machine->blamed, cases[i].path);
                subject_done(&subject);
        }
}

/* A group that the mount does not show is no group to us. */
static void test_group_outside(void) {
        g_autoptr(Capture) capture =
                capture_new(CAPTURE_V2_BOX "@group sys/fs/cgroup\nmemory.current:1\nmemory.max:max\n");
        Machine *machine = capture_machine(capture);
        _cleanup_(subject_done) Subject subject = { 0 };
        Subject other = { 0 };

        g_assert_cmpint(subject_open_group(machine, "/box", &subject), ==, 0);
        g_assert_cmpint(subject_open_group(machine, "/", &other), ==, -ENOENT);
        g_assert_cmpint(subject_open_group(machine, "/boxes", &other), ==, -ENOENT);
        g_assert_cmpint(subject_open_group(machine, "/sys.slice", &other), ==, -ENOENT);
}

static void test_unit(void) {
        static const struct {
                const char *path;
                int r_v2;
                const char *groups_v2;
                int r_v1;
                const char *groups_v1;
        } cases[] = {
                { "/a.slice/b.service",
                  0,
                  "/a.slice/b.service|/a.slice|/|",
                  0,
                  "/a.slice/b.service|/a.slice|/|" },
                /* On v1 memory may be accounted for further up, of a unit that has processes; on v2 there is
                 * one hierarchy. */
                { "/a.slice/c.service", -ENOENT, NULL, 0, "/a.slice|/|" },
                { "/d.slice/e.service", -ENOENT, NULL, -ENODATA, NULL },
                { "/a.slice/empty.service", -ENOENT, NULL, -ENOENT, NULL },
                { "/a.slice/unheard.service", -ENOENT, NULL, -ENOENT, NULL },
                { "/a.slice/gone.service", -ENOENT, NULL, -ENOENT, NULL },
                { "/", 0, "/|", 0, "/|" },
        };
        g_autoptr(Capture) v2 = capture_new(
                CAPTURE_V2 "@group sys/fs/cgroup/a.slice\nmemory.current:1\nmemory.max:max\n"
                           "@group sys/fs/cgroup/a.slice/b.service\nmemory.current:1\nmemory.max:max\n");
        g_autoptr(Capture) v1 = capture_new(
                CAPTURE_V1 "@group sys/fs/cgroup/memory/a.slice\nmemory.usage_in_bytes:1\n"
                           "memory.limit_in_bytes:9223372036854771712\n"
                           "@group sys/fs/cgroup/memory/a.slice/b.service\nmemory.usage_in_bytes:1\n"
                           "memory.limit_in_bytes:9223372036854771712\n"
                           "@file sys/fs/cgroup/systemd/a.slice/c.service/cgroup.procs\n4711\n4712\n"
                           "@file sys/fs/cgroup/systemd/d.slice/e.service/cgroup.procs\n1\n"
                           "@file sys/fs/cgroup/systemd/a.slice/empty.service/cgroup.procs\n"
                           "@dir sys/fs/cgroup/systemd/a.slice/unheard.service\n");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *path = cases[i].path;
                _cleanup_(subject_done) Subject on_v2 = { 0 };
                _cleanup_(subject_done) Subject on_v1 = { 0 };

                check_number(path, subject_open_unit(capture_machine(v2), path, &on_v2), cases[i].r_v2);
                check_number(path, subject_open_unit(capture_machine(v1), path, &on_v1), cases[i].r_v1);
                g_autofree char *groups_v2 = list(&on_v2.chain);
                g_autofree char *groups_v1 = list(&on_v1.chain);
                check_text(path, groups_v2, cases[i].groups_v2 ? cases[i].groups_v2 : "");
                check_text(path, groups_v1, cases[i].groups_v1 ? cases[i].groups_v1 : "");
                if (on_v1.unit.id) {
                        g_autofree char *name = g_path_get_basename(path);

                        /* No component of a path is called like the root slice. */
                        check_text(path, on_v1.unit.id, strcmp(path, "/") == 0 ? "-.slice" : name);
                }
        }
}

/* On the way it may turn out that a mount cannot be seen; that must not take memory's mount for another. */
static void test_unit_hidden_mount(void) {
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_MEMINFO "@file proc/self/mountinfo\n"
                                "31 30 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
                                "32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                                "33 30 0:27 / /mnt/systemd rw - cgroup cgroup rw,name=systemd\n"
                                "@group sys/fs/cgroup/memory\ncgroup.sane_behavior:0\n"
                                "@group sys/fs/cgroup/memory/a.slice\nmemory.usage_in_bytes:1\n"
                                "memory.limit_in_bytes:9223372036854771712\n"
                                "@file mnt/systemd/a.slice/c.service/cgroup.procs\n4711\n");
        _cleanup_(subject_done) Subject subject = { 0 };

        if (!check_number("c.service",
                          subject_open_unit(capture_machine(capture), "/a.slice/c.service", &subject),
                          0))
                return;
        g_autofree char *groups = list(&subject.chain);
        check_text("c.service", groups, "/a.slice|/|");
}

/* In a container the root slice is what is mounted. */
static void test_unit_box(void) {
        g_autoptr(Capture) capture =
                capture_new(CAPTURE_V2_BOX "@group sys/fs/cgroup\nmemory.current:1\nmemory.max:max\n");
        _cleanup_(subject_done) Subject subject = { 0 };

        g_assert_cmpint(subject_open_unit(capture_machine(capture), "/", &subject), ==, 0);
        g_assert_cmpstr(subject.unit.id, ==, "-.slice");
        g_assert_cmpstr(subject_group(&subject)->path, ==, "/box");
}

/* A subject stays what it was opened as; whether it is still there can be asked. */
static void test_check(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(subject_done) Subject unit = { 0 };
        _cleanup_(subject_done) Subject root = { 0 };
        unsigned n;

        g_assert_cmpint(subject_open_group(machine, "/sys.slice/web.service", &unit), ==, 0);
        g_assert_cmpint(subject_open_group(machine, "/", &root), ==, 0);
        n = check_count_descriptors();
        g_assert_cmpint(subject_check(machine, &unit), ==, 0);
        g_assert_cmpint(subject_check(machine, &root), ==, 0);

        capture_remove(capture, "sys/fs/cgroup/sys.slice");
        g_assert_cmpint(subject_check(machine, &unit), ==, -ENODEV);
        g_assert_cmpstr(machine->blamed, ==, "/sys.slice/web.service");
        g_assert_cmpint(subject_check(machine, &root), ==, 0);

        /* Another of the same name is another. */
        capture_write(capture, "sys/fs/cgroup/sys.slice/web.service/memory.current", "1\n");
        g_assert_cmpint(subject_check(machine, &unit), ==, -ENODEV);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* Paths longer than the kernel's, and deeper than anybody's. */
static void test_extremes(void) {
        g_autoptr(Capture) capture = capture_new(web_blocks);
        Machine *machine = capture_machine(capture);
        g_autofree char *x = g_strnfill(5000, 'x');
        g_autofree char *path = g_strdup_printf("/%s", x);
        g_autoptr(GString) deep = g_string_new(NULL);
        Subject subject = { 0 };

        for (unsigned i = 0; i < 200; i++)
                g_string_append(deep, "/a");
        g_assert_cmpint(subject_open_group(machine, path, &subject), ==, -ENOENT);
        g_assert_cmpint(subject_open_group(machine, deep->str, &subject), ==, -E2BIG);
        g_assert_cmpint(subject_open_unit(machine, deep->str, &subject), ==, -E2BIG);
        g_assert_null(subject.chain.groups);
}

static void test_no_hierarchy(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_MEMINFO "@file proc/self/mountinfo\n"
                                                                 "1 2 0:3 / / rw - ext4 /dev/sda rw\n"
                                                                 "@file proc/41/cgroup\n0::/\n");
        Machine *machine = capture_machine(capture);
        Subject subject = { 0 };

        check_process(capture, 41, &(Wanted) { .r = -ENODATA });
        g_assert_cmpint(subject_open_group(machine, "/", &subject), ==, -ENODATA);
        g_assert_cmpint(subject_open_unit(machine, "/a.service", &subject), ==, -ENODATA);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/subject/process", test_process);
        g_test_add_func("/subject/process-failures", test_process_failures);
        g_test_add_func("/subject/unaccounted", test_unaccounted);
        g_test_add_func("/subject/process-v1", test_process_v1);
        g_test_add_func("/subject/above", test_above);
        g_test_add_func("/subject/nothing-above", test_nothing_above);
        g_test_add_func("/subject/limit-and-physical", test_limit_and_physical);
        g_test_add_func("/subject/group", test_group);
        g_test_add_func("/subject/group-outside", test_group_outside);
        g_test_add_func("/subject/unit", test_unit);
        g_test_add_func("/subject/unit-hidden-mount", test_unit_hidden_mount);
        g_test_add_func("/subject/unit-box", test_unit_box);
        g_test_add_func("/subject/check", test_check);
        g_test_add_func("/subject/extremes", test_extremes);
        g_test_add_func("/subject/no-hierarchy", test_no_hierarchy);
        return g_test_run();
}
