/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "opened.h"
#include "size.h"

/* /a (no limit), /a/b (max), /a/b/c (high), /a/b/c/d (none): figures are d's, and b and c bind it. */
#define GROUP(path, max, high)                                                                        \
        "@group sys/fs/cgroup" path "\nmemory.max:" max "\nmemory.high:" high "\nmemory.current:4096" \
        "\nmemory.stat:inactive_file 0\n"
#define TREE                         \
        CAPTURE_V2                   \
        GROUP("/a", "max", "max")    \
        GROUP("/a/b", "4096", "max") \
        GROUP("/a/b/c", "max", "8192") GROUP("/a/b/c/d", "max", "max")

/* The kernel lets nobody write the files that are handed out. */
static void protect(const Capture *capture, const char *group, const char *file, unsigned mode) {
        g_autofree char *path = g_strdup_printf("%s/sys/fs/cgroup%s/%s", capture->directory, group, file);

        g_assert_cmpint(chmod(path, mode), ==, 0);
}

static void protect_all(const Capture *capture, const char *group) {
        protect(capture, group, "memory.current", 0444);
        protect(capture, group, "memory.stat", 0444);
}

static int take(Capture *capture, const char *path, OpenedGroups *ret) {
        Machine *machine = capture_machine(capture);
        Subject subject = { 0 };
        int r;

        machine_begin(machine);
        g_assert_cmpint(subject_open_group(machine, path, &subject), ==, 0);
        r = opened_take(machine, &subject, ret);
        subject_done(&subject);
        return r;
}

static void check_holds(int fd, const char *wanted) {
        char text[64] = { 0 };
        struct stat status;

        g_assert_cmpint(pread(fd, text, sizeof(text) - 1, 0), >, 0);
        g_strchomp(text);
        g_assert_cmpstr(text, ==, wanted);
        g_assert_cmpint(fstat(fd, &status), ==, 0);
        g_assert_cmpuint(status.st_mode & 0777, ==, 0444);
}

static void test_take(void) {
        static const struct {
                const char *path;
                uint64_t max, high;
        } wanted[] = {
                { "/a/b/c/d", SIZE_UNLIMITED, SIZE_UNLIMITED },
                { "/a/b/c", SIZE_UNLIMITED, 8192 },
                { "/a/b", 4096, SIZE_UNLIMITED },
        };
        g_autoptr(Capture) capture = capture_new(TREE);
        OpenedGroups opened = { 0 };
        unsigned n;

        for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
                protect_all(capture, wanted[i].path);
        (void) capture_machine(capture);
        n = check_count_descriptors();

        g_assert_cmpint(take(capture, "/a/b/c/d", &opened), ==, 0);
        g_assert_cmpuint(opened.n, ==, G_N_ELEMENTS(wanted));
        g_assert_cmpuint(opened.reported, ==, 0);
        for (size_t i = 0; i < opened.n; i++) {
                check_text(wanted[i].path, opened.groups[i].path, wanted[i].path);
                check_size(wanted[i].path, opened.groups[i].max, wanted[i].max);
                check_size(wanted[i].path, opened.groups[i].high, wanted[i].high);
                check_holds(opened.groups[i].usage_fd, "4096");
                check_holds(opened.groups[i].statistics_fd, "inactive_file 0");
        }

        opened_done(&opened);
        g_assert_cmpuint(opened.n, ==, 0);
        g_assert_cmpuint(check_count_descriptors(), <=, n + 1); /* the mount stays open */
}

/* A file that somebody could write is never handed out, whichever of them it is. */
static void test_writable(void) {
        static const char *const files[] = { "memory.current", "memory.stat" };
        static const char *const groups[] = { "/a/b", "/a/b/c/d" };

        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(files); j++)
                        for (unsigned bit = 0200; bit > 0; bit >>= 3) {
                                g_autoptr(Capture) capture = capture_new(TREE);
                                OpenedGroups opened = { 0 };

                                protect_all(capture, "/a/b");
                                protect_all(capture, "/a/b/c");
                                protect_all(capture, "/a/b/c/d");
                                protect(capture, groups[i], files[j], 0444 | bit);
                                g_assert_cmpint(take(capture, "/a/b/c/d", &opened), ==, -EOPNOTSUPP);
                                g_assert_cmpuint(opened.n, ==, 0);
                                g_assert_nonnull(strstr(capture_machine(capture)->blamed, files[j]));
                        }
}

/* Nine groups with limits are too many, eight are not; without any, the reported one is there. */
static void test_many(void) {
        g_autoptr(GString) blocks = g_string_new(CAPTURE_V2);
        g_autoptr(GString) path = g_string_new(NULL);
        g_autoptr(Capture) capture = NULL;
        OpenedGroups opened = { 0 };
        char *eighth = NULL;

        for (unsigned i = 0; i <= OPENED_MAX; i++) {
                g_string_append(path, "/g");
                g_string_append_printf(blocks, GROUP("%s", "%u", "max"), path->str, 4096 * (1 + i));
                if (i + 1 == OPENED_MAX)
                        eighth = g_strdup(path->str);
        }
        capture = capture_new(blocks->str);
        for (size_t length = 2; length <= path->len; length += 2) {
                g_autofree char *group = g_strndup(path->str, length);

                protect_all(capture, group);
        }

        g_assert_cmpint(take(capture, path->str, &opened), ==, -EOPNOTSUPP);
        g_assert_cmpint(take(capture, eighth, &opened), ==, 0);
        g_assert_cmpuint(opened.n, ==, OPENED_MAX);
        opened_done(&opened);
        g_free(eighth);
}

static void test_unlimited(void) {
        g_autoptr(Capture) capture = capture_new(TREE);
        OpenedGroups opened = { 0 };

        protect_all(capture, "/a");
        g_assert_cmpint(take(capture, "/a", &opened), ==, 0);
        g_assert_cmpuint(opened.n, ==, 1);
        check_text("/a", opened.groups[0].path, "/a");
        opened_done(&opened);
}

/* The machine is no group: its figures are not of files that are handed out. */
static void test_machine(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V1);
        OpenedGroups opened = { 0 };

        g_assert_cmpint(take(capture, "/", &opened), ==, -EOPNOTSUPP);
        g_assert_cmpuint(opened.n, ==, 0);
}

/* A limit above what is mounted, of which v1 tells, binds as if it were the top's own. */
static void test_above(void) {
        g_autoptr(Capture) capture =
                capture_new(CAPTURE_V1_BOX "@group sys/fs/cgroup/memory\n"
                                           "cgroup.procs:1\n"
                                           "memory.limit_in_bytes:9223372036854771712\n"
                                           "memory.usage_in_bytes:8192\n"
                                           "memory.stat:hierarchical_memory_limit 65536\n"
                                           "@group sys/fs/cgroup/memory/in\n"
                                           "memory.limit_in_bytes:9223372036854771712\n"
                                           "memory.usage_in_bytes:4096\n"
                                           "memory.stat:hierarchical_memory_limit 65536\n");
        static const char *const groups[] = { "/memory", "/memory/in" };
        OpenedGroups opened = { 0 };

        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
                protect(capture, groups[i], "memory.usage_in_bytes", 0444);
                protect(capture, groups[i], "memory.stat", 0444);
        }
        g_assert_cmpint(take(capture, "/box/in", &opened), ==, 0);
        g_assert_cmpuint(opened.n, ==, 2);
        check_size("in", opened.groups[0].max, SIZE_UNLIMITED);
        check_text("box", opened.groups[1].path, "/box");
        check_size("box", opened.groups[1].max, 65536);
        check_holds(opened.groups[1].usage_fd, "8192");
        opened_done(&opened);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/opened/take", test_take);
        g_test_add_func("/opened/writable", test_writable);
        g_test_add_func("/opened/many", test_many);
        g_test_add_func("/opened/unlimited", test_unlimited);
        g_test_add_func("/opened/machine", test_machine);
        g_test_add_func("/opened/above", test_above);
        return g_test_run();
}
