/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "process.h"

/* Fields 4 to 22 of a stat file; 4194304 are the flags of a live process, and with 4 of one that exits. */
#define ALIVE " 1 42 42 0 -1 4194304 0 0 0 0 5 6 0 0 20 0 1 0 777 9000\n"
#define EXITING " 1 42 42 0 -1 4194308 0 0 0 0 5 6 0 0 20 0 1 0 777 9000\n"

static Machine *live_machine(void) {
        Machine *machine = NULL;

        g_assert_cmpint(machine_new(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), &machine), ==, 0);
        return machine;
}

static void test_open(void) {
        static const struct {
                uint32_t pid;
                int r;
        } cases[] = {
                { 42, 0 }, { 4, -ESRCH }, { 0, -ESRCH }, { 2147483647, -ESRCH }, { UINT32_MAX, -ESRCH },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@file proc/42/cgroup\n0::/a\n");
        Machine *machine = capture_machine(capture);
        unsigned n = check_count_descriptors();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *name = g_strdup_printf("%u", cases[i].pid);
                _cleanup_(process_done) Process process = { .fd = -1 };

                check_number(name, process_open(machine, cases[i].pid, &process), cases[i].r);
                if (cases[i].r >= 0)
                        check_text(name, process.name, name);
                else
                        check_true(name, g_str_has_suffix(machine->blamed, name));
                process_done(&process);
                check_number(name, process.fd, -1);
                check_number(name, check_count_descriptors(), n);
        }
}

/* A captured process of which these files were taken. */
typedef struct Case {
        const char *about;
        const char *blocks;
        int r;
        const char *memory; /* the path it is in */
} Case;

static void check_membership(const Case *c) {
        g_autofree char *blocks = g_strconcat(CAPTURE_V2, "@dir proc/42\n", c->blocks, NULL);
        g_autoptr(Capture) capture = capture_new(blocks);
        Machine *machine = capture_machine(capture);
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(membership_done) Membership membership = { 0 };
        unsigned n;

        g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
        n = check_count_descriptors();
        check_number(c->about, process_read_membership(machine, &process, &membership), c->r);
        if (c->r >= 0)
                check_text(c->about, membership_memory_path(&membership), c->memory);
        else {
                check_text(c->about, machine->blamed, "proc/42/cgroup");
                check_true(c->about, !membership.memory && !membership.unified && !membership.systemd);
        }
        check_number(c->about, check_count_descriptors(), n);
}

static void test_membership(void) {
        static const Case cases[] = {
                { "nothing but the file", "@file proc/42/cgroup\n0::/a\n", 0, "/a" },
                { "alive", "@file proc/42/cgroup\n0::/a\n@file proc/42/stat\n42 (x) S" ALIVE, 0, "/a" },
                { "empty", "@file proc/42/cgroup\n", 0, NULL },
                { "no file", "", -ESRCH, NULL },
                { "no file but its threads",
                  "@file proc/42/task/43/cgroup\n0::/b\n@file proc/42/task/43/stat\n43 (x) S" ALIVE,
                  0,
                  "/b" },
                { "malformed", "@file proc/42/cgroup\njunk\n", -EBADMSG, NULL },
                { "malformed stat",
                  "@file proc/42/cgroup\n0::/a\n@file proc/42/stat\njunk\n",
                  -EBADMSG,
                  NULL },
                { "a directory in its place", "@dir proc/42/cgroup\n", -EISDIR, NULL },
                { "zombie",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) Z" ALIVE
                  "@file proc/42/task/42/cgroup\n4:memory:/\n@file proc/42/task/42/stat\n42 (x) Z" ALIVE,
                  -ESRCH,
                  NULL },
                { "zombie without its threads",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) Z" ALIVE,
                  -ESRCH,
                  NULL },
                { "on its way to be one",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) R" EXITING,
                  -ESRCH,
                  NULL },
                { "dead leader",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) Z" ALIVE
                  "@file proc/42/task/42/cgroup\n4:memory:/\n@file proc/42/task/42/stat\n42 (x) Z" ALIVE
                  "@file proc/42/task/43/cgroup\n4:memory:/\n@file proc/42/task/43/stat\n43 (x) X" ALIVE
                  "@file proc/42/task/44/cgroup\n4:memory:/b\n@file proc/42/task/44/stat\n44 (x) S" ALIVE,
                  0,
                  "/b" },
                { "live thread that cannot be read",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) Z" ALIVE
                  "@file proc/42/task/44/cgroup\njunk\n@file proc/42/task/44/stat\n44 (x) S" ALIVE,
                  -EBADMSG,
                  NULL },
                { "a thread that went away",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) Z" ALIVE
                  "@dir proc/42/task/43\n"
                  "@file proc/42/task/44/cgroup\n4:memory:/b\n@file proc/42/task/44/stat\n44 (x) S" ALIVE,
                  0,
                  "/b" },
                { "no directories among the threads",
                  "@file proc/42/cgroup\n4:memory:/\n@file proc/42/stat\n42 (x) Z" ALIVE
                  "@file proc/42/task/43\nx\n",
                  -ESRCH,
                  NULL },
                { "a live leader is not looked past",
                  "@file proc/42/cgroup\n0::/a\n@file proc/42/stat\n42 (x) S" ALIVE
                  "@file proc/42/task/44/cgroup\n0::/b\n@file proc/42/task/44/stat\n44 (x) S" ALIVE,
                  0,
                  "/a" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_membership(&cases[i]);
}

/* A membership may well be larger than a page, and there is an end to it. */
static void test_membership_large(void) {
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir proc/42\n");
        Machine *machine = capture_machine(capture);
        g_autofree char *component = g_strnfill(60000, 'x'), *endless = g_strnfill(4000000, 'x');
        g_autofree char *text = g_strdup_printf("0::/%s\n", component);
        g_autofree char *too_large = g_strdup_printf("0::/%s\n", endless);
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(membership_done) Membership membership = { 0 };
        Membership other = { 0 };

        g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
        capture_write(capture, "proc/42/cgroup", text);
        g_assert_cmpint(process_read_membership(machine, &process, &membership), ==, 0);
        g_assert_cmpstr(membership.unified + 1, ==, component);

        capture_write(capture, "proc/42/cgroup", too_large);
        g_assert_cmpint(process_read_membership(machine, &process, &other), ==, -EFBIG);
        g_assert_null(other.unified);
}

/* Dead threads are looked past, but not endlessly: whoever traces a process can have it keep thousands. */
static void test_dead_threads(void) {
        static const struct {
                const char *about;
                unsigned n_dead;
                int r;
        } cases[] = { { "none", 0, -ESRCH }, { "many", 32, -ESRCH }, { "too many", 33, -E2BIG } };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GString) blocks = g_string_new(CAPTURE_V2 "@dir proc/42/task\n"
                                                                    "@file proc/42/cgroup\n4:memory:/\n"
                                                                    "@file proc/42/stat\n42 (x) Z" ALIVE);

                for (unsigned thread = 42; thread < 42 + cases[i].n_dead; thread++)
                        g_string_append_printf(blocks,
                                               "@file proc/42/task/%u/cgroup\n4:memory:/\n"
                                               "@file proc/42/task/%u/stat\n%u (x) Z" ALIVE,
                                               thread,
                                               thread,
                                               thread);

                g_autoptr(Capture) capture = capture_new(blocks->str);
                Machine *machine = capture_machine(capture);
                _cleanup_(process_done) Process process = { .fd = -1 };
                Membership membership = { 0 };

                g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
                check_number(
                        cases[i].about, process_read_membership(machine, &process, &membership), cases[i].r);
        }
}

static void test_start_time(void) {
        static const struct {
                const char *stat; /* NULL: there is no such file */
                int r;
                uint64_t start_time;
        } cases[] = {
                { "42 (x) S" ALIVE, 0, 777 }, { "42 (x) Z" ALIVE, 0, 777 }, { NULL, 0, 0 },
                { "", -EBADMSG, 4711 },       { "junk\n", -EBADMSG, 4711 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir proc/42\n");
                Machine *machine = capture_machine(capture);
                _cleanup_(process_done) Process process = { .fd = -1 };
                const char *about = cases[i].stat;
                uint64_t start_time = 4711;
                unsigned n;

                capture_write(capture, "proc/42/stat", about);
                g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
                n = check_count_descriptors();
                check_number(about, process_read_start_time(machine, &process, &start_time), cases[i].r);
                check_size(about, start_time, cases[i].start_time);
                if (cases[i].r < 0)
                        check_text(about, machine->blamed, "proc/42/stat");
                check_number(about, check_count_descriptors(), n);
        }
}

static void test_namespace(void) {
        static const struct {
                const char *status; /* NULL: there is no such file */
                int r;
                bool is_in_namespace;
        } cases[] = {
                { "Name:\tx\nPid:\t42\nNSpid:\t42\nNSpgid:\t42\n", 0, false },
                { "Name:\tx\nPid:\t42\nNSpid:\t42\t1\nNSpgid:\t42\t1\n", 0, true },
                { "Name:\tx\nPid:\t42\nNSpid:\t42\t17\t1\n", 0, true },
                { "NSpid:\t42\t1\n", 0, true },
                /* The tabs of other lines are not this one's. */
                { "NStgid:\t42\t1\nNSpid:\t42\nNSpgid:\t42\t1\n", 0, false },
                { "Name:\tNSpid:\t1\t2\nNSpid:\t42\n", 0, false },
                { "Name:\tx\nPid:\t42\n", 0, false }, /* before Linux 4.1 */
                { "", 0, false },
                { NULL, -ESRCH, false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir proc/42\n");
                Machine *machine = capture_machine(capture);
                _cleanup_(process_done) Process process = { .fd = -1 };
                bool is_in_namespace = !cases[i].is_in_namespace;
                const char *about = cases[i].status;

                capture_write(capture, "proc/42/status", about);
                g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
                check_number(
                        about, process_is_in_namespace(machine, &process, -1, &is_in_namespace), cases[i].r);
                if (cases[i].r >= 0)
                        check_number(about, is_in_namespace, cases[i].is_in_namespace);
                else
                        check_text(about, machine->blamed, "proc/42/status");
        }
}

/* What is said of its descriptor will do: the kernel takes its time to write a status. But where that says
 * nothing of the process, its status is read. */
static void test_namespace_of_descriptor(void) {
        static const struct {
                const char *fdinfo; /* of the descriptor 7 */
                const char *status;
                int r;
                bool is_in_namespace;
        } cases[] = {
                { "pos:\t0\nPid:\t42\nNSpid:\t42\n", NULL, 0, false },
                { "pos:\t0\nPid:\t42\nNSpid:\t42\t1\n", NULL, 0, true },
                { "pos:\t0\nPid:\t42\nNSpid:\t42\t17\t1\n", "NSpid:\t42\n", 0, true },
                { "pos:\t0\nPid:\t42\n", "NSpid:\t42\t1\n", 0, true }, /* before Linux 5.5 */
                { "pos:\t0\nPid:\t-1\nNSpid:\t-1\n", NULL, -ESRCH, false },
                { "pos:\t0\nPid:\t-1\nNSpid:\t-1\n", "NSpid:\t42\t1\n", 0, true },
                { NULL, "NSpid:\t42\t1\n", 0, true },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("case %zu", i);
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@dir proc/42\n@dir proc/self\n");
                Machine *machine = capture_machine(capture);
                _cleanup_(process_done) Process process = { .fd = -1 };
                bool is_in_namespace = !cases[i].is_in_namespace;
                unsigned n;

                capture_write(capture, "proc/self/fdinfo/7", cases[i].fdinfo);
                capture_write(capture, "proc/42/status", cases[i].status);
                g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
                n = check_count_descriptors();
                check_number(
                        about, process_is_in_namespace(machine, &process, 7, &is_in_namespace), cases[i].r);
                if (cases[i].r >= 0)
                        check_number(about, is_in_namespace, cases[i].is_in_namespace);
                check_number(about, check_count_descriptors(), n);
        }
}

/* The path on the first line of the file that has one of these prefixes. */
static char *read_path(const char *prefix, const char *otherwise) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        const char *const prefixes[] = { prefix, otherwise };

        g_assert_true(g_file_get_contents("/proc/self/cgroup", &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
                for (char **line = lines; *line; line++) {
                        const char *found = strstr(*line, prefixes[i]);

                        if (found)
                                return g_strdup(found + strlen(prefixes[i]));
                }
        return NULL;
}

static void test_self(void) {
        Machine *machine = live_machine();
        g_autofree char *path = read_path(":memory:", "0::");
        g_autofree char *stat = NULL;
        g_auto(GStrv) fields = NULL;
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(process_done) Process by_number = { .fd = -1 };
        _cleanup_(membership_done) Membership membership = { 0 };
        uint64_t start_time = 0, start_time_by_number = 1;
        bool is_in_namespace = true;

        g_assert_cmpint(process_open_self(machine, &process), ==, 0);
        g_assert_cmpstr(process.name, ==, "self");
        g_assert_cmpint(process_read_membership(machine, &process, &membership), ==, 0);
        g_assert_cmpstr(membership_memory_path(&membership), ==, path);

        /* Fields 3 to 22 stand behind the name. */
        g_assert_true(g_file_get_contents("/proc/self/stat", &stat, NULL, NULL));
        fields = g_strsplit(strrchr(stat, ')') + 2, " ", -1);
        g_assert_cmpint(process_read_start_time(machine, &process, &start_time), ==, 0);
        g_assert_cmpuint(start_time, ==, g_ascii_strtoull(fields[22 - 3], NULL, 10));

        g_assert_cmpint(process_open(machine, (uint32_t) getpid(), &by_number), ==, 0);
        g_assert_cmpint(process_read_start_time(machine, &by_number, &start_time_by_number), ==, 0);
        g_assert_cmpuint(start_time_by_number, ==, start_time);

        /* /proc is of this process's own namespace, or of one further up; then it is in one. */
        g_assert_cmpint(process_is_in_namespace(machine, &process, -1, &is_in_namespace), ==, 0);
        g_autofree char *status = NULL;
        g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
        g_auto(GStrv) numbers = g_strsplit(strstr(status, "\nNSpid:"), "\n", 3);
        g_auto(GStrv) own = g_strsplit(numbers[1], "\t", -1);
        g_assert_cmpint(is_in_namespace, ==, g_strv_length(own) > 2);

        machine_free(machine);
}

typedef struct Child {
        pid_t pid;
        int pidfd;
        int release_fd; /* closing it ends the child */
} Child;

static Child child_start(void) {
        Child child;
        int fds[2];

        g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
        child.pid = fork();
        g_assert_cmpint(child.pid, >=, 0);
        if (child.pid == 0) {
                char c;

                close(fds[1]);
                _exit(read(fds[0], &c, 1) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
        }

        close(fds[0]);
        child.release_fd = fds[1];
        child.pidfd = (int) syscall(SYS_pidfd_open, child.pid, 0);
        g_assert_true(child.pidfd >= 0 || errno == ENOSYS);
        return child;
}

/* Waits until the child is dead, and leaves it a zombie. */
static void child_end(Child *child) {
        siginfo_t info;

        close(child->release_fd);
        g_assert_cmpint(waitid(P_PID, (id_t) child->pid, &info, WEXITED | WNOWAIT), ==, 0);
}

static void child_reap(const Child *child) {
        siginfo_t info;

        g_assert_cmpint(waitid(P_PID, (id_t) child->pid, &info, WEXITED), ==, 0);
}

/* A real process through its whole life: what was opened stays that process and no other. */
static void test_life(void) {
        Machine *machine = live_machine();
        unsigned n = check_count_descriptors();
        Child child = child_start();
        Process by_number = { .fd = -1 }, by_pidfd = { .fd = -1 }, late = { .fd = -1 };
        Membership membership = { 0 };
        uint64_t start_time = 0, again = 1;

        if (child.pidfd < 0) {
                child_end(&child);
                child_reap(&child);
                machine_free(machine);
                g_test_skip("there are no descriptors of processes");
                return;
        }

        g_assert_cmpint(process_open(machine, (uint32_t) child.pid, &by_number), ==, 0);
        g_assert_cmpint(process_open_pidfd(machine, child.pidfd, &by_pidfd), ==, 0);
        g_assert_cmpstr(by_pidfd.name, ==, by_number.name);
        g_assert_cmpint(process_read_start_time(machine, &by_number, &start_time), ==, 0);
        g_assert_cmpint(process_read_start_time(machine, &by_pidfd, &again), ==, 0);
        g_assert_cmpuint(start_time, ==, again);
        g_assert_cmpint(process_read_membership(machine, &by_pidfd, &membership), ==, 0);
        g_assert_nonnull(membership_memory_path(&membership));
        membership_done(&membership);

        child_end(&child);
        g_assert_cmpint(process_read_membership(machine, &by_number, &membership), ==, -ESRCH);
        g_assert_cmpint(process_read_membership(machine, &by_pidfd, &membership), ==, -ESRCH);

        child_reap(&child);
        g_assert_cmpint(process_read_membership(machine, &by_number, &membership), ==, -ESRCH);
        g_assert_cmpint(process_read_start_time(machine, &by_pidfd, &start_time), ==, -ESRCH);
        g_assert_cmpint(process_open(machine, (uint32_t) child.pid, &late), ==, -ESRCH);
        g_assert_cmpint(process_open_pidfd(machine, child.pidfd, &late), ==, -ESRCH);

        process_done(&by_number);
        process_done(&by_pidfd);
        close(child.pidfd);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
        machine_free(machine);
}

/* Whose process it is: the effective numbers, and nobody where they are not said. */
static void test_owner(void) {
        static const struct {
                const char *status;
                int is_theirs; /* or an error */
        } cases[] = {
                { "Name:\tcat\nUid:\t7\t1000\t8\t9\nGid:\t1\t100\t2\t3\nGroups:\t100\n", true },
                { "Uid:\t1000\t7\t1000\t1000\nGid:\t100\t100\t100\t100\n", false },
                { "Uid:\t1000\t1000\t1000\t1000\nGid:\t100\t7\t100\t100\n", false },
                { "Uid:\t1000\t10000\t1000\t1000\nGid:\t100\t100\t100\t100\n", false },
                { "Uid:\t1000\nGid:\t100\t100\t100\t100\n", false },
                { "Uid:\t1000 1000\nGid:\t100\t100\t100\t100\n", false },
                { "Uid:\tcat\t1000\nGid:\t100\t100\t100\t100\n", false },
                { "Uid:\t1000\t1000\t1000\t1000\n", false },
                { "NotUid:\t1000\t1000\nGid:\t100\t100\n", false },
                { "", false },
                { NULL, -ESRCH },
        };
        g_autoptr(Capture) capture = capture_new(CAPTURE_V2);
        Machine *machine = capture_machine(capture);
        Process process = { .fd = -1 };

        capture_write(capture, "proc/42/stat", "42 (cat) S" ALIVE);
        g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *about = cases[i].status ? cases[i].status : "no file";

                capture_write(capture, "proc/42/status", cases[i].status);
                check_number(about, process_has_owner(machine, &process, 1000, 100), cases[i].is_theirs);
        }
        process_done(&process);
}

/* Descriptors of other things, one that is closed, and one that no process can have. */
static void test_no_pidfd(void) {
        Machine *machine = live_machine();
        _cleanup_close_ int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int directory_fd = open("/proc/self", O_PATH | O_CLOEXEC);
        int closed_fd = dup(null_fd);
        Process process = { .fd = -1 };
        unsigned n;

        g_assert_cmpint(closed_fd, >=, 0);
        close(closed_fd);
        n = check_count_descriptors();

        check_number("/dev/null", process_open_pidfd(machine, null_fd, &process), -EINVAL);
        check_number("/proc/self", process_open_pidfd(machine, directory_fd, &process), -EINVAL);
        check_number("closed", process_open_pidfd(machine, closed_fd, &process), -EINVAL);
        check_number("never open", process_open_pidfd(machine, INT32_MAX, &process), -EINVAL);
        g_assert_cmpint(process.fd, ==, -1);
        g_assert_cmpuint(check_count_descriptors(), ==, n);
        machine_free(machine);
}

/* What the kernel writes of a pidfd whose process it cannot name. */
static void test_pidfd_text(void) {
        static const struct {
                const char *fdinfo; /* of the descriptor 7 */
                int r;
        } cases[] = {
                { "pos:\t0\nflags:\t02\nmnt_id:\t15\nino:\t1\nPid:\t42\nNSpid:\t42\n", 0 },
                { "pos:\t0\nPid:\t-1\nNSpid:\t-1\n", -ESRCH },
                { "pos:\t0\nPid:\t0\n", -EREMOTE },
                { "pos:\t0\nPid:\t43\n", -ESRCH },
                { "pos:\t0\nPid:\t2147483648\n", -ESRCH },
                { "pos:\t0\nPid:\t4294967338\n", -ESRCH }, /* 42, if it lost its upper half */
                { "pos:\t0\nNSpid:\t42\n", -EINVAL },
                { "pos:\t0\nxPid:\t42\n", -EINVAL },
                { "", -EINVAL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Capture) capture = capture_new(CAPTURE_V2 "@file proc/42/cgroup\n0::/a\n");
                Machine *machine = capture_machine(capture);
                _cleanup_(process_done) Process process = { .fd = -1 };
                const char *about = cases[i].fdinfo;
                unsigned n;

                capture_write(capture, "proc/self/fdinfo/7", about);
                n = check_count_descriptors();
                check_number(about, process_open_pidfd(machine, 7, &process), cases[i].r);
                if (cases[i].r >= 0)
                        check_text(about, process.name, "42");
                process_done(&process);
                check_number(about, check_count_descriptors(), n);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/process/open", test_open);
        g_test_add_func("/process/membership", test_membership);
        g_test_add_func("/process/membership-large", test_membership_large);
        g_test_add_func("/process/dead-threads", test_dead_threads);
        g_test_add_func("/process/start-time", test_start_time);
        g_test_add_func("/process/namespace", test_namespace);
        g_test_add_func("/process/namespace-of-descriptor", test_namespace_of_descriptor);
        g_test_add_func("/process/self", test_self);
        g_test_add_func("/process/life", test_life);
        g_test_add_func("/process/no-pidfd", test_no_pidfd);
        g_test_add_func("/process/owner", test_owner);
        g_test_add_func("/process/pidfd-text", test_pidfd_text);
        return g_test_run();
}
