/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "size.h"
#include "view.h"

#define PLENTY_SEEN_SEC 5

/* MiB:            max  high  current  inactive  working set  left
 *   /a.slice      100   max       60        10           50    50
 *   …/b.service   max    70       40        15           25    45
 *   …/c            30   max       20         5           15    15 */
#define V2                                                                                               \
        CAPTURE_V2                                                                                       \
        "@group sys/fs/cgroup/a.slice\nmemory.max:104857600\nmemory.high:max\nmemory.current:62914560\n" \
        "memory.stat:inactive_file 10485760\n"                                                           \
        "@group sys/fs/cgroup/a.slice/b.service\nmemory.max:max\nmemory.high:73400320\n"                 \
        "memory.current:41943040\nmemory.stat:inactive_file 15728640\n"                                  \
        "@group sys/fs/cgroup/a.slice/b.service/c\nmemory.max:31457280\nmemory.high:max\n"               \
        "memory.current:20971520\nmemory.stat:inactive_file 5242880\n"                                   \
        "@file proc/41/cgroup\n0::/a.slice/b.service/c\n"                                                \
        "@file proc/42/cgroup\n0::/a.slice/b.service\n"

/* The same on v1, where memory.stat has both names. */
#define V1                                                                                           \
        CAPTURE_V1                                                                                   \
        "@group sys/fs/cgroup/memory/a.slice\nmemory.limit_in_bytes:104857600\n"                     \
        "memory.usage_in_bytes:62914560\nmemory.stat:inactive_file 1\n"                              \
        "memory.stat:total_inactive_file 10485760\n"                                                 \
        "@group sys/fs/cgroup/memory/a.slice/b.service\nmemory.limit_in_bytes:9223372036854771712\n" \
        "memory.usage_in_bytes:41943040\nmemory.stat:inactive_file 2\n"                              \
        "memory.stat:total_inactive_file 15728640\n"                                                 \
        "@file proc/42/cgroup\n4:memory:/a.slice/b.service\n1:name=systemd:/a.slice/b.service\n"

static void write_file(const Capture *capture, const char *path, const char *text) {
        g_autofree char *full = g_build_filename(capture->directory, path, NULL);

        capture_write(capture, path, text);
        g_assert_cmpint(chmod(full, 0444), ==, 0);
}

static void protect(const Capture *capture, const char *group, const char *usage) {
        const char *const files[] = { usage, "memory.stat" };

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path =
                        g_build_filename(capture->directory, "sys/fs/cgroup", group, files[i], NULL);

                g_assert_cmpint(chmod(path, 0444), ==, 0);
        }
}

static int open_view(Capture *capture, uint32_t pid, View *ret) {
        Machine *machine = capture_machine(capture);
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(subject_done) Subject subject = { 0 };

        machine_begin(machine);
        g_assert_cmpint(process_open(machine, pid, &process), ==, 0);
        g_assert_cmpint(subject_open_process(machine, &process, &subject), ==, 0);
        return view_from_subject(machine, &subject, ret);
}

static Capture *capture_v2(void) {
        Capture *capture = capture_new(V2);

        protect(capture, "a.slice", "memory.current");
        protect(capture, "a.slice/b.service", "memory.current");
        protect(capture, "a.slice/b.service/c", "memory.current");
        return capture;
}

static void check_memory(const struct mymem *memory,
                         uint64_t limit,
                         uint64_t usage,
                         uint64_t working_set,
                         uint64_t available,
                         enum mymem_by by) {
        check_size("limit", memory->limit, limit * CAPTURE_MIB);
        check_size("usage", memory->usage, usage * CAPTURE_MIB);
        check_size("working set", memory->working_set, working_set * CAPTURE_MIB);
        check_size("available", memory->available, available * CAPTURE_MIB);
        check_number("by", memory->available_by, by);
        check_number("source", memory->source, MYMEM_SOURCE_CGROUP);
        check_text("unit", memory->unit, "b.service");
}

/* The view of a captured machine has the running machine's /proc/meminfo, which is not what this is about:
 * without it there is what the capture says. */
static int read_view(View *view, struct mymem *ret) {
        if (view->meminfo_fd >= 0)
                close(view->meminfo_fd);
        view->meminfo_fd = -1;
        return view_read(view, ret);
}

static void test_v2(void) {
        g_autoptr(Capture) capture = capture_v2();
        View view = VIEW_NONE;
        struct mymem memory;
        unsigned n;

        (void) capture_machine(capture);
        n = check_count_descriptors();

        /* The limit is set below the unit: that group is reported. */
        g_assert_cmpint(open_view(capture, 41, &view), ==, 0);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 30, 20, 15, 15, MYMEM_BY_UNIT);
        check_text("group", memory.control_group, "/a.slice/b.service/c");
        view_done(&view);

        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 45, MYMEM_BY_UNIT);
        check_text("group", memory.control_group, "/a.slice/b.service");

        /* What is in the slice moves on: added is used, and nothing is known of what went. */
        write_file(capture, "sys/fs/cgroup/a.slice/memory.current", "83886080\n");
        view_done(&view);
        protect(capture, "a.slice", "memory.current");
        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 30, MYMEM_BY_ANCESTOR);

        view_done(&view);
        view_done(&view);
        g_assert_cmpuint(check_count_descriptors(), <=, n + 1); /* the mount stays open */
}

static void test_v1(void) {
        g_autoptr(Capture) capture = capture_new(V1);
        View view = VIEW_NONE;
        struct mymem memory;

        protect(capture, "memory/a.slice", "memory.usage_in_bytes");
        protect(capture, "memory/a.slice/b.service", "memory.usage_in_bytes");
        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 50, MYMEM_BY_ANCESTOR);
        view_done(&view);
}

/* The machine may have less. */
static void test_machine(void) {
        g_autoptr(Capture) capture = capture_v2();
        View view = VIEW_NONE;
        struct mymem memory;

        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        view.machine_limit = 90 * CAPTURE_MIB;
        view.machine_available = 7 * CAPTURE_MIB;
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 90, 40, 25, 7, MYMEM_BY_MACHINE);
        view_done(&view);
}

static void say_available(int meminfo_fd, unsigned mebibytes) {
        g_autofree char *text =
                g_strdup_printf("MemTotal: 1048576 kB\nMemAvailable: %u kB\n", mebibytes * 1024);

        g_assert_cmpint(ftruncate(meminfo_fd, 0), ==, 0);
        g_assert_cmpint(pwrite(meminfo_fd, text, strlen(text), 0), ==, (ssize_t) strlen(text));
}

/* What the machine has left is seen at once where it may bind, and soon where it had plenty. */
static void test_plenty(void) {
        g_autoptr(Capture) capture = capture_v2();
        gint64 deadline = g_get_monotonic_time() + PLENTY_SEEN_SEC * G_USEC_PER_SEC;
        View view = VIEW_NONE;
        struct mymem memory;

        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        if (view.meminfo_fd >= 0)
                close(view.meminfo_fd);
        view.meminfo_fd = memfd_create("meminfo", MFD_CLOEXEC);
        g_assert_cmpint(view.meminfo_fd, >=, 0);

        say_available(view.meminfo_fd, 60);
        g_assert_cmpint(view_read(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 45, MYMEM_BY_UNIT);
        say_available(view.meminfo_fd, 40);
        g_assert_cmpint(view_read(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 40, MYMEM_BY_MACHINE);

        say_available(view.meminfo_fd, 200);
        g_assert_cmpint(view_read(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 45, MYMEM_BY_UNIT);
        say_available(view.meminfo_fd, 10);
        do
                g_assert_cmpint(view_read(&view, &memory), ==, 0);
        while (memory.available_by != MYMEM_BY_MACHINE && g_get_monotonic_time() < deadline);
        check_memory(&memory, 100, 40, 25, 10, MYMEM_BY_MACHINE);
        view_done(&view);
}

static void test_update(void) {
        g_autoptr(Capture) capture = capture_v2();
        View view = VIEW_NONE, newer = VIEW_NONE;
        struct mymem memory;
        int fd;

        /* Only the limits of the same groups change. */
        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        fd = view.opened.groups[0].usage_fd;
        capture_write(capture, "sys/fs/cgroup/a.slice/memory.max", "83886080\n");
        g_assert_cmpint(open_view(capture, 42, &newer), ==, 0);
        view_update(&view, &newer);
        view_done(&newer);
        g_assert_cmpint(view.opened.groups[0].usage_fd, ==, fd);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 80, 40, 25, 30, MYMEM_BY_ANCESTOR);

        /* Other groups take their place. */
        g_assert_cmpint(open_view(capture, 41, &newer), ==, 0);
        view_update(&view, &newer);
        view_done(&newer);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 30, 20, 15, 15, MYMEM_BY_UNIT);

        /* So does one of the same name that was made anew. */
        g_assert_cmpint(open_view(capture, 42, &newer), ==, 0);
        view_update(&view, &newer);
        view_done(&newer);
        capture_write(capture, "sys/fs/cgroup/a.slice/b.service/memory.current", "20971520\n");
        protect(capture, "a.slice/b.service", "memory.current");
        g_assert_cmpint(open_view(capture, 42, &newer), ==, 0);
        view_update(&view, &newer);
        view_done(&newer);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 80, 20, 5, 30, MYMEM_BY_ANCESTOR);
        view_done(&view);
}

/* In a container, a limit is set above what is mounted: from then on it is not the top's own that binds. */
static void test_update_above(void) {
        static const char *const groups[] = { "memory", "memory/b.service" };
        g_autoptr(Capture) capture = capture_new(
                CAPTURE_V1_BOX "@group sys/fs/cgroup/memory\nmemory.limit_in_bytes:104857600\n"
                               "memory.usage_in_bytes:62914560\n"
                               "memory.stat:total_inactive_file 10485760\n"
                               "@group sys/fs/cgroup/memory/b.service\n"
                               "memory.limit_in_bytes:9223372036854771712\nmemory.usage_in_bytes:41943040\n"
                               "memory.stat:total_inactive_file 15728640\n"
                               "@file proc/42/cgroup\n4:memory:/box/b.service\n"
                               "1:name=systemd:/box/b.service\n");
        View view = VIEW_NONE, newer = VIEW_NONE;
        struct mymem memory;

        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
                protect(capture, groups[i], "memory.usage_in_bytes");
        g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 100, 40, 25, 50, MYMEM_BY_ANCESTOR);

        write_file(capture,
                   "sys/fs/cgroup/memory/b.service/memory.stat",
                   "total_inactive_file 15728640\nhierarchical_memory_limit 83886080\n");
        g_assert_cmpint(open_view(capture, 42, &newer), ==, 0);
        view_update(&view, &newer);
        view_done(&newer);
        g_assert_cmpint(read_view(&view, &memory), ==, 0);
        check_memory(&memory, 80, 40, 25, 30, MYMEM_BY_MACHINE);
        view_done(&view);
}

/* Files that are not what they were. */
static void test_malformed(void) {
        static const struct {
                const char *file, *text;
                int r;
        } cases[] = {
                { "memory.current", "junk\n", -EBADMSG },
                { "memory.current", "", -EBADMSG },
                { "memory.stat", "inactive_file\n", -EBADMSG },
                { "memory.stat", "", 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *path = g_strdup_printf("sys/fs/cgroup/a.slice/b.service/%s", cases[i].file);
                g_autoptr(Capture) capture = capture_v2();
                View view = VIEW_NONE;
                struct mymem memory;

                write_file(capture, path, cases[i].text);
                g_assert_cmpint(open_view(capture, 42, &view), ==, 0);
                check_number(cases[i].file, read_view(&view, &memory), cases[i].r);
                view_done(&view);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/view/v2", test_v2);
        g_test_add_func("/view/v1", test_v1);
        g_test_add_func("/view/machine", test_machine);
        g_test_add_func("/view/plenty", test_plenty);
        g_test_add_func("/view/update", test_update);
        g_test_add_func("/view/update/above", test_update_above);
        g_test_add_func("/view/malformed", test_malformed);
        return g_test_run();
}
