/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture.h"
#include "check.h"
#include "cleanup.h"
#include "kept.h"

/* /proc/PID/statm of a process whose first thread has ended, whatever others do. */
#define DEAD "0 0 0 0 0 0 0\n"
#define ALIVE "563 322 300 5 0 90 0\n"

#define STAT " 1 42 42 0 -1 4194304 0 0 0 0 5 6 0 0 20 0 1 0 777 9000\n"

#define MACHINE                               \
        CAPTURE_V2                            \
        "@group sys/fs/cgroup/a.service\n"    \
        "memory.max:104857600\n"              \
        "memory.current:52428800\n"           \
        "memory.stat:inactive_file 1048576\n" \
        "@file proc/42/cgroup\n"              \
        "0::/a.service\n"                     \
        "@file proc/42/stat\n"                \
        "42 (web) S" STAT "@file proc/42/statm\n" ALIVE

/* Writes to the file as it is, so that who has it open finds that. */
static void change(const Capture *capture, const char *name, const char *text) {
        _cleanup_close_ int directory_fd = capture_open(capture, "proc/42"), fd = -1;

        fd = openat(directory_fd, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
}

static int keep(Machine *machine, Kept *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(subject_done) Subject subject = { 0 };

        g_assert_cmpint(process_open(machine, 42, &process), ==, 0);
        g_assert_cmpint(subject_open_process(machine, &process, &subject), ==, 0);
        return kept_take(&process, &subject, ret);
}

/* What was kept is of no use any more once the process may be somewhere else. */
static void test_changes(void) {
        static const struct {
                const char *name, *text;
                bool is_kept;
        } cases[] = {
                { "cgroup", "0::/a.service\n", true },
                { "cgroup", "0::/b.service\n", false },
                { "cgroup", "", false },
                { "statm", "564 323 300 5 0 90 0\n", true },
                { "statm", DEAD, false },
                { "statm", "", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about = g_strdup_printf("case %zu", i);
                g_autoptr(Capture) capture = capture_new(MACHINE);
                Machine *machine = capture_machine(capture);
                Figures figures;
                unsigned n;
                Kept kept;

                /* The machine opens what it needs for all. */
                g_assert_cmpint(keep(machine, &kept), ==, 0);
                kept_done(&kept);
                n = check_count_descriptors();

                g_assert_cmpint(keep(machine, &kept), ==, 0);
                check_number(about, kept_read(machine, &kept, &figures), 1);
                check_size(about, figures.limit, 104857600);
                check_size(about, figures.usage, 52428800);
                check_size(about, figures.working_set, 51380224);

                change(capture, cases[i].name, cases[i].text);
                check_number(about, kept_read(machine, &kept, &figures), cases[i].is_kept);
                kept_done(&kept);
                check_number(about, check_count_descriptors(), n);
        }
}

/* Then there is nothing to be kept, either. */
static void test_without_leader(void) {
        g_autoptr(Capture) capture = capture_new(MACHINE);
        Machine *machine = capture_machine(capture);
        Kept kept;

        change(capture, "statm", DEAD);
        g_assert_cmpint(keep(machine, &kept), ==, -ENODEV);
        change(capture, "statm", ALIVE);
        g_assert_cmpint(keep(machine, &kept), ==, 0);
        kept_done(&kept);
}

static void *stay(void *data) {
        (void) data;

        for (;;)
                (void) pause();
        return NULL;
}

static void lead_away(void) {
        pthread_t thread;

        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || pthread_create(&thread, NULL, stay, NULL) != 0)
                _exit(EXIT_FAILURE);
        (void) syscall(SYS_exit, 0); /* of this thread alone */
}

/* That is what this kernel says of such a process, which is there still. */
static void test_dead_leader(void) {
        gint64 deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
        g_autofree char *path = NULL, *text = NULL;
        pid_t pid;

        pid = fork();
        g_assert_cmpint(pid, >=, 0);
        if (pid == 0)
                lead_away();

        path = g_strdup_printf("/proc/%d/statm", pid);
        do {
                g_free(text);
                g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        } while (!g_str_equal(text, DEAD));
        g_assert_cmpint(waitpid(pid, NULL, WNOHANG), ==, 0);
        g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/kept/changes", test_changes);
        g_test_add_func("/kept/without-leader", test_without_leader);
        g_test_add_func("/kept/dead-leader", test_dead_leader);

        return g_test_run();
}
