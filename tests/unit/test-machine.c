/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "machine.h"
#include "size.h"

#define MOUNTINFO_V2 "29 22 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define MOUNTINFO_MEMORY "32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define MOUNTINFO_SYSTEMD "31 30 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
#define MOUNTINFO_BESIDE "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

/* It takes the descriptor whatever happens, and what failed can be described. */
static void test_new(void) {
        static const struct {
                const char *blocks;
                int r;
                const char *blamed;
        } cases[] = {
                { "@file proc/self/mountinfo\n" MOUNTINFO_V2, 0, NULL },
                { "@file proc/self/mountinfo\n", 0, NULL },
                { "", -ENOMEDIUM, "proc" },
                { "@file proc\n", -ENOTDIR, "proc" },
                { "@dir proc\n", -ENOMEDIUM, "proc/self" },
                { "@file proc/self\n", -ENOTDIR, "proc/self" },
                { "@dir proc/self\n", -ENOMEDIUM, "proc/self/mountinfo" },
                { "@dir proc/self/mountinfo\n", -EISDIR, "proc/self/mountinfo" },
                { "@file proc/self/mountinfo\njunk\n", -EBADMSG, "proc/self/mountinfo" },
                { "@file-escaped proc/self/mountinfo\n" MOUNTINFO_V2, -EBADMSG, "proc/self/mountinfo" },
                { "@file-escaped proc/self/mountinfo\n\\x00\\n\n", -EIO, "proc/self/mountinfo" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *about = cases[i].blocks;
                g_autoptr(Capture) capture = capture_new(about);
                unsigned n = check_count_descriptors();
                Machine *machine = NULL;

                check_number(about, machine_new(capture_open(capture, "."), &machine), cases[i].r);
                if (!check_true(about, machine))
                        continue;
                check_text(about, machine->blamed, cases[i].blamed ? cases[i].blamed : "");
                check_true(about, !machine->is_live);
                machine_free(machine);
                check_number(about, check_count_descriptors(), n);
        }

        g_assert_null(machine_free(NULL));
}

static void test_new_live(void) {
        unsigned n = check_count_descriptors();
        Machine *machine = NULL;
        int self_fd;

        g_assert_cmpint(machine_new(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), &machine), ==, 0);
        g_assert_true(machine->is_live);

        self_fd = machine_open_self(machine);
        g_assert_cmpint(self_fd, >=, 0);
        g_assert_cmpint(faccessat(self_fd, "stat", F_OK, 0), ==, 0);
        close(self_fd);

        machine_free(machine);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* /proc/self is a link in life, and may be a link or a directory in a copy; but no link that leads
 * elsewhere. */
static void test_open_self(void) {
        static const struct {
                const char *target; /* NULL for a directory */
                int r;
        } cases[] = {
                { NULL, 0 },
                { "4242", 0 },
                { "4243", -ENOMEDIUM },
                { "../etc", -ELOOP },
                { "/proc/4242", -ELOOP },
                { "4242/..", -ELOOP },
                { ".", -ELOOP },
                { "4242x", -ELOOP },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new("@file proc/4242/mountinfo\n@file etc/mountinfo\n");
                const char *about = cases[i].target;
                unsigned n;
                Machine *machine = NULL;

                if (about)
                        g_assert_cmpint(symlinkat(about, capture->fd, "proc/self"), ==, 0);
                else
                        capture_write(capture, "proc/self/mountinfo", "");
                n = check_count_descriptors();
                check_number(about, machine_new(capture_open(capture, "."), &machine), cases[i].r);
                machine_free(machine);
                check_number(about, check_count_descriptors(), n);
        }
}

static void test_refresh(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);
        unsigned n = check_count_descriptors();
        Mount *mount = NULL;

        g_assert_cmpint(machine_find_memory_mount(machine, NULL, &mount), ==, 0);
        g_assert_cmpint(mount->kind, ==, MOUNT_UNIFIED);
        g_assert_cmpuint(check_count_descriptors(), ==, n + 1);

        capture_write(capture, "proc/self/mountinfo", MOUNTINFO_MEMORY);
        g_assert_cmpint(machine_refresh(machine), ==, 0);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
        g_assert_nonnull(mounts_find(&machine->mounts, MOUNT_MEMORY, NULL));
        g_assert_null(mounts_find(&machine->mounts, MOUNT_UNIFIED, NULL));

        /* What was known stays where the new text is of no use. */
        capture_write(capture, "proc/self/mountinfo", "junk\n");
        g_assert_cmpint(machine_refresh(machine), ==, -EBADMSG);
        g_assert_cmpstr(machine->blamed, ==, "proc/self/mountinfo");
        g_assert_nonnull(mounts_find(&machine->mounts, MOUNT_MEMORY, NULL));
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* A look at the machine is of one moment; the next one is of another. */
static void test_meminfo(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);
        Meminfo meminfo = { 0 };
        uint64_t physical = 0;

        machine_begin(machine);
        g_assert_cmpint(machine_read_meminfo(machine, &meminfo), ==, 0);
        g_assert_cmpuint(meminfo.total, ==, 4 * CAPTURE_GIB);
        capture_write(capture, "proc/meminfo", "MemTotal: 8 kB\nMemAvailable: 4 kB\n");
        g_assert_cmpint(machine_read_meminfo(machine, &meminfo), ==, 0);
        g_assert_cmpuint(meminfo.total, ==, 4 * CAPTURE_GIB);
        g_assert_cmpuint(meminfo.available, ==, 3 * CAPTURE_GIB);

        /* RAM is remembered for a second, by which this test is long over. */
        machine_begin(machine);
        g_assert_cmpint(machine_physical_memory(machine, &physical), ==, 0);
        g_assert_cmpuint(physical, ==, 4 * CAPTURE_GIB);

        g_assert_cmpint(machine_read_meminfo(machine, &meminfo), ==, 0);
        g_assert_cmpuint(meminfo.total, ==, 8 * CAPTURE_KIB);
        g_assert_cmpuint(meminfo.available, ==, 4 * CAPTURE_KIB);
        g_assert_cmpuint(meminfo.swap_total, ==, SIZE_UNKNOWN);
        g_assert_cmpint(machine_physical_memory(machine, &physical), ==, 0);
        g_assert_cmpuint(physical, ==, 8 * CAPTURE_KIB);
}

/* What is remembered is read again when it is old. */
static void test_physical_memory_old(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);
        uint64_t physical = 0;

        g_assert_cmpint(machine_physical_memory(machine, &physical), ==, 0);
        capture_write(capture, "proc/meminfo", "MemTotal: 8 kB\nMemAvailable: 4 kB\n");
        g_assert_cmpuint(machine->meminfo_read_at_usec, >, 1000001);
        machine->meminfo_read_at_usec -= 1000001;
        machine_begin(machine);
        g_assert_cmpint(machine_physical_memory(machine, &physical), ==, 0);
        g_assert_cmpuint(physical, ==, 8 * CAPTURE_KIB);
}

static void test_meminfo_malformed(void) {
        static const struct {
                const char *content; /* NULL: there is no such file */
                int r;
        } cases[] = {
                { NULL, -ENOMEDIUM },
                { "", -EBADMSG },
                { "MemTotal: 8 kB\n", -EBADMSG },
                { "MemTotal: 18446744073709551616 kB\nMemAvailable: 1 kB\n", -ERANGE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
                Machine *machine = capture_machine(capture);
                const char *about = cases[i].content;
                unsigned n = check_count_descriptors();
                Meminfo meminfo = { 1, 2, 3, 4 };
                uint64_t physical = 4711;

                capture_write(capture, "proc/meminfo", about);
                check_number(about, machine_read_meminfo(machine, &meminfo), cases[i].r);
                check_text(about, machine->blamed, "proc/meminfo");
                check_size(about, meminfo.total, 1);
                check_number(about, machine_physical_memory(machine, &physical), cases[i].r);
                check_size(about, physical, 4711);
                check_number(about, check_count_descriptors(), n);
        }
}

static void test_find_mount(void) {
        static const struct {
                const char *mountinfo;
                const char *memory, *systemd; /* mount points, NULL if there is none */
                MachineMode mode;
        } cases[] = {
                { MOUNTINFO_V2, "/sys/fs/cgroup", "/sys/fs/cgroup", MACHINE_UNIFIED },
                { MOUNTINFO_MEMORY MOUNTINFO_SYSTEMD,
                  "/sys/fs/cgroup/memory",
                  "/sys/fs/cgroup/systemd",
                  MACHINE_LEGACY },
                { MOUNTINFO_MEMORY MOUNTINFO_SYSTEMD MOUNTINFO_BESIDE,
                  "/sys/fs/cgroup/memory",
                  "/sys/fs/cgroup/systemd",
                  MACHINE_HYBRID },
                { MOUNTINFO_BESIDE MOUNTINFO_MEMORY,
                  "/sys/fs/cgroup/memory",
                  "/sys/fs/cgroup/unified",
                  MACHINE_HYBRID },
                { MOUNTINFO_SYSTEMD MOUNTINFO_BESIDE,
                  "/sys/fs/cgroup/unified",
                  "/sys/fs/cgroup/systemd",
                  MACHINE_HYBRID },
                { MOUNTINFO_MEMORY, "/sys/fs/cgroup/memory", NULL, MACHINE_LEGACY },
                { MOUNTINFO_SYSTEMD, NULL, "/sys/fs/cgroup/systemd", MACHINE_LEGACY },
                { "", NULL, NULL, MACHINE_LEGACY },
                { "1 2 0:3 / / rw - ext4 /dev/sda1 rw\n", NULL, NULL, MACHINE_LEGACY },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new("@dir proc/self\n@dir sys/fs/cgroup/memory\n"
                                                         "@dir sys/fs/cgroup/systemd\n"
                                                         "@dir sys/fs/cgroup/unified\n");
                const char *about = cases[i].mountinfo;
                Mount *mount = NULL, *again = NULL;
                Machine *machine;

                capture_write(capture, "proc/self/mountinfo", about);
                machine = capture_machine(capture);
                check_number(about,
                             machine_find_memory_mount(machine, NULL, &mount),
                             cases[i].memory ? 0 : -ENODATA);
                check_text(about, mount ? mount->point : NULL, cases[i].memory);
                check_number(
                        about, machine_find_systemd_mount(machine, &again), cases[i].systemd ? 0 : -ENODATA);
                check_text(about, again ? again->point : NULL, cases[i].systemd);
                check_number(about, machine_mode(machine), cases[i].mode);
        }
}

/* A mount is opened once; and one that is not there is a failure that names it. */
static void test_find_mount_opened(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);
        Mount *mount = NULL, *again = NULL;
        unsigned n;

        g_assert_cmpint(machine_find_mount(machine, MOUNT_UNIFIED, "/a", &mount), ==, 0);
        g_assert_cmpint(mount->fd, >=, 0);
        n = check_count_descriptors();
        g_assert_cmpint(machine_find_mount(machine, MOUNT_UNIFIED, NULL, &again), ==, 0);
        g_assert_true(mount == again);
        g_assert_cmpuint(check_count_descriptors(), ==, n);

        g_assert_cmpint(machine_find_mount(machine, MOUNT_MEMORY, "/a", &again), ==, -ENODATA);
        g_assert_cmpstr(machine->blamed, ==, "/a");
        g_assert_cmpint(machine_find_mount(machine, MOUNT_SYSTEMD, NULL, &again), ==, -ENODATA);
        g_assert_cmpstr(machine->blamed, ==, "proc/self/mountinfo");
}

/* Where something else is mounted over a mount, or over a directory above it, another one may be seen. */
static void test_find_mount_hidden(void) {
        g_autoptr(Capture) capture =
                capture_new("@file proc/self/mountinfo\n" MOUNTINFO_V2 MOUNTINFO_BESIDE MOUNTINFO_MEMORY
                            "@dir sys/fs/cgroup/unified\n");
        Machine *machine = capture_machine(capture);
        unsigned n = check_count_descriptors();
        Mount *mount = NULL;

        g_assert_cmpint(machine_find_mount(machine, MOUNT_MEMORY, NULL, &mount), ==, -ENODATA);
        g_assert_null(mount);
        g_assert_cmpuint(check_count_descriptors(), ==, n);

        capture_write(
                capture, "proc/self/mountinfo", "1 2 0:3 / /gone rw - cgroup2 x rw\n" MOUNTINFO_BESIDE);
        g_assert_cmpint(machine_refresh(machine), ==, 0);
        g_assert_cmpint(machine_find_mount(machine, MOUNT_UNIFIED, "/a", &mount), ==, 0);
        g_assert_cmpstr(mount->point, ==, "/sys/fs/cgroup/unified");
        g_assert_cmpuint(check_count_descriptors(), ==, n + 1);

        capture_remove(capture, "sys");
        g_assert_cmpint(machine_refresh(machine), ==, 0);
        mount = NULL;
        g_assert_cmpint(machine_find_mount(machine, MOUNT_UNIFIED, "/a", &mount), ==, -ENODATA);
        g_assert_cmpstr(machine->blamed, ==, "/a");
        g_assert_null(mount);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* What is there and is no directory is a failure that names it. */
static void test_find_mount_file(void) {
        g_autoptr(Capture) capture =
                capture_new("@file proc/self/mountinfo\n" MOUNTINFO_V2 "@file sys/fs/cgroup\n");
        Machine *machine = capture_machine(capture);
        unsigned n = check_count_descriptors();
        Mount *mount = NULL;

        g_assert_cmpint(machine_find_memory_mount(machine, NULL, &mount), ==, -ENOTDIR);
        g_assert_cmpstr(machine->blamed, ==, "/sys/fs/cgroup");
        g_assert_null(mount);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

/* On a live machine a directory counts as a mount only if it is one. */
static void test_find_mount_live(void) {
        g_autoptr(Capture) capture =
                capture_new("@file proc/self/mountinfo\n" MOUNTINFO_V2 "@dir sys/fs/cgroup\n");
        Machine *machine = capture_machine(capture);
        unsigned n = check_count_descriptors();
        Mount *mount = NULL;

        machine->is_live = true;
        g_assert_cmpint(machine_find_memory_mount(machine, NULL, &mount), ==, -ENODATA);
        g_assert_null(mount);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
}

static void test_mode_to_string(void) {
        g_assert_cmpstr(machine_mode_to_string(MACHINE_UNIFIED), ==, "unified");
        g_assert_cmpstr(machine_mode_to_string(MACHINE_HYBRID), ==, "hybrid");
        g_assert_cmpstr(machine_mode_to_string(MACHINE_LEGACY), ==, "legacy");
}

static void test_blame(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);

        g_assert_cmpint(machine_blame(machine, -EIO, "%s of %d", "x", 3), ==, -EIO);
        g_assert_cmpstr(machine->blamed, ==, "x of 3");

        /* The last one counts, until another look begins. */
        g_assert_cmpint(machine_blame(machine, -ENODEV, "again"), ==, -ENODEV);
        g_assert_cmpstr(machine->blamed, ==, "again");
        machine_begin(machine);
        g_assert_cmpstr(machine->blamed, ==, "");

        /* What is longer is cut. */
        g_autofree char *path = g_strnfill(4000, 'x');
        g_assert_cmpint(machine_blame(machine, -EIO, "%s", path), ==, -EIO);
        g_assert_cmpuint(strlen(machine->blamed), ==, sizeof(machine->blamed) - 1);
        g_assert_true(g_str_has_prefix(path, machine->blamed));
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/machine/new", test_new);
        g_test_add_func("/machine/new-live", test_new_live);
        g_test_add_func("/machine/open-self", test_open_self);
        g_test_add_func("/machine/refresh", test_refresh);
        g_test_add_func("/machine/meminfo", test_meminfo);
        g_test_add_func("/machine/physical-memory-old", test_physical_memory_old);
        g_test_add_func("/machine/meminfo-malformed", test_meminfo_malformed);
        g_test_add_func("/machine/find-mount", test_find_mount);
        g_test_add_func("/machine/find-mount-opened", test_find_mount_opened);
        g_test_add_func("/machine/find-mount-hidden", test_find_mount_hidden);
        g_test_add_func("/machine/find-mount-file", test_find_mount_file);
        g_test_add_func("/machine/find-mount-live", test_find_mount_live);
        g_test_add_func("/machine/mode-to-string", test_mode_to_string);
        g_test_add_func("/machine/blame", test_blame);
        return g_test_run();
}
