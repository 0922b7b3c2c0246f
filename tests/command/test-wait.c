/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "figure.h"
#include "group.h"
#include "run.h"
#include "scene.h"
#include "slice.h"

/* The verb `wait`, on control groups in which something happens. */

#define UNIT_LIMIT (64 * MIB)
#define TAKEN (24 * MIB)
#define THRESHOLD "16M"
#define LEFT "48M" /* UNIT_LIMIT less THRESHOLD */
#define WATCHED_MSEC 4000

/* Starts it, and returns when it waits for something: then it has had its first look. */
static pid_t start(const char *const *arguments) {
        g_auto(GStrv) environment = run_environment(NULL);
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_auto(GStrv) all = NULL;
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        g_autofree char *file = NULL;
        pid_t pid;

        g_strv_builder_add_many(builder, g_getenv("MYMEM_COMMAND"), "wait", NULL);
        g_strv_builder_addv(builder, (const char **) arguments);
        all = g_strv_builder_end(builder);
        pid = child_fork();
        if (pid == 0) {
                (void) dup2(STDERR_FILENO, STDOUT_FILENO);
                (void) execve(all[0], all, environment);
                _exit(EXIT_FAILURE);
        }

        file = g_strdup_printf("/proc/%d/syscall", pid);
        for (;;) {
                g_autofree char *text = NULL;

                g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
                if (g_ascii_strtoll(text, NULL, 10) == SYS_clock_nanosleep)
                        return pid;
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                g_assert_cmpint(waitpid(pid, NULL, WNOHANG), ==, 0);
                (void) poll(NULL, 0, 1);
        }
}

static void check_end(pid_t pid, int exit_code) {
        int status = child_wait(pid, CHILD_PATIENCE_SEC);

        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, exit_code);
}

/* Each threshold: a process takes memory, and it is crossed. */
static void test_crossed(void) {
        static const char *const thresholds[] = {
                ("--usage-above=" THRESHOLD),
                ("--working-set-above=" THRESHOLD),
                ("--available-below=" LEFT),
        };
        Scene scene;

        for (size_t i = 0; i < G_N_ELEMENTS(thresholds); i++)
                for (size_t by_name = 0; by_name < 2; by_name++) {
                        pid_t pid, tenant;

                        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                                return;
                        g_test_message("%s", thresholds[i]);
                        pid = start(WORDS(thresholds[i], by_name ? scene.name : scene.group));
                        tenant = slice_tenant(scene.group, TAKEN, 0);
                        check_end(pid, 0);
                        child_kill(tenant);
                        scene_leave(&scene);
                }
}

/* What is crossed at the first look is not waited for: time has run out at the second. */
static void test_crossed_already(void) {
        static const struct {
                const char *threshold;
                int exit_code;
        } cases[] = {
                { ("--usage-above=" THRESHOLD), 0 }, { ("--working-set-above=" THRESHOLD), 0 },
                { ("--available-below=" LEFT), 0 },  { "--usage-above=64M", 124 },
                { "--working-set-above=64M", 124 },  { "--available-below=8M", 124 },
                { "--limit-change", 124 },
        };
        pid_t tenant;
        Scene scene;

        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        tenant = slice_tenant(scene.group, TAKEN, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Run) run =
                        run_mymem(NULL, WORDS("wait", "--timeout=1us", cases[i].threshold, scene.group));

                run_check_exit(run, cases[i].exit_code);
                run_check_out(run, "");
                g_assert_cmpstr(run->err, ==, "");
        }
        /* Any of several is enough. */
        g_autoptr(Run) any = run_mymem(NULL,
                                       WORDS("wait",
                                             "--timeout=1us",
                                             "--limit-change",
                                             "--available-below=8M",
                                             ("--usage-above=" THRESHOLD),
                                             scene.group));
        run_check_exit(any, 0);
        child_kill(tenant);
        scene_leave(&scene);
}

/* The unit's own, and one above that becomes the smaller one. */
static void test_limit_change(void) {
        Scene scene;
        pid_t pid;

        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        pid = start(WORDS("--limit-change", scene.group));
        group_write(scene.group, "memory.limit_in_bytes", 2 * UNIT_LIMIT);
        check_end(pid, 0);

        pid = start(WORDS("--limit-change", scene.group));
        group_write(scene.slice->path, "memory.limit_in_bytes", UNIT_LIMIT / 2);
        check_end(pid, 0);
        scene_leave(&scene);
}

/* Not before its time, and not for ever. */
static void test_timeout(void) {
        gint64 begin = g_get_monotonic_time();
        Scene scene;

        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        g_autoptr(Run) run =
                run_mymem(NULL, WORDS("wait", "--timeout=1.2s", ("--usage-above=" THRESHOLD), scene.group));

        run_check_exit(run, 124);
        g_assert_cmpint(g_get_monotonic_time() - begin, >=, 1200000);
        scene_leave(&scene);
}

static void test_removed(void) {
        pid_t pid, tenant;
        Scene scene;

        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        pid = start(WORDS(("--usage-above=" THRESHOLD), scene.group));
        group_remove(scene.group);
        check_end(pid, 3);

        group_make(scene.group);
        pid = start(WORDS(("--usage-above=" THRESHOLD), scene.name));
        group_remove(scene.group);
        check_end(pid, 3);

        group_make(scene.group);
        tenant = slice_tenant(scene.group, MIB, 0);
        g_autofree char *number = g_strdup_printf("%d", tenant);
        pid = start(WORDS(("--usage-above=" THRESHOLD), number));
        child_kill(tenant);
        check_end(pid, 3);
        scene_leave(&scene);
}

/* A process is bound by its own limits, too; its group is not. */
static void test_rlimits(void) {
        static const int resources[] = { RLIMIT_AS, RLIMIT_DATA };
        pid_t pid, tenant;
        Scene scene;

        for (size_t i = 0; i < G_N_ELEMENTS(resources); i++) {
                const struct rlimit limit = { TAKEN, TAKEN };

                if (!scene_enter_empty(&scene, UNIT_LIMIT))
                        return;
                tenant = slice_tenant(scene.group, MIB, 0);
                g_autofree char *number = g_strdup_printf("%d", tenant);
                pid = start(WORDS(("--available-below=" LEFT), number));
                g_assert_cmpint(prlimit(tenant, resources[i], &limit, NULL), ==, 0);
                check_end(pid, 0);

                g_autoptr(Run) group = run_mymem(
                        NULL, WORDS("wait", "--timeout=1us", ("--available-below=" LEFT), scene.group));
                run_check_exit(group, 124);
                child_kill(tenant);
                scene_leave(&scene);
        }
}

static guint64 processor_usec(pid_t pid) {
        struct timespec used;
        clockid_t clock;

        g_assert_cmpint(clock_getcpuclockid(pid, &clock), ==, 0);
        g_assert_cmpint(clock_gettime(clock, &used), ==, 0);
        return (guint64) used.tv_sec * 1000000 + (guint64) used.tv_nsec / 1000;
}

/* A thousandth of a processor is the aim; a sanitizer or a slow machine may have ten times that. One that
 * spins takes a thousand. */
static void test_idle(void) {
        struct pollfd entry = { .events = POLLIN };
        guint64 before, used;
        Scene scene;
        pid_t pid;

        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        pid = start(WORDS(("--usage-above=" THRESHOLD), scene.name));
        entry.fd = child_pidfd(pid);
        before = processor_usec(pid);
        /* It does not end meanwhile. */
        g_assert_cmpint(poll(&entry, 1, WATCHED_MSEC), ==, 0);
        used = processor_usec(pid) - before;
        close(entry.fd);
        child_kill(pid);

        g_test_message("%" G_GUINT64_FORMAT " us in %d ms, %.3f %%",
                       used,
                       WATCHED_MSEC,
                       (double) used / WATCHED_MSEC / 10);
        g_assert_cmpuint(used, <=, WATCHED_MSEC * 10);
        g_assert_cmpuint(used, >, 0);
        scene_leave(&scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/wait/crossed", test_crossed);
        g_test_add_func("/wait/crossed-already", test_crossed_already);
        g_test_add_func("/wait/limit-change", test_limit_change);
        g_test_add_func("/wait/timeout", test_timeout);
        g_test_add_func("/wait/removed", test_removed);
        g_test_add_func("/wait/rlimits", test_rlimits);
        g_test_add_func("/wait/idle", test_idle);
        return g_test_run();
}
