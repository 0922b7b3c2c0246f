/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Processes that clients name to the Manager, most of which they should not: each gets its named error or
 * the documented figures, and the service lives on. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "stage.h"

/* PF_KTHREAD in the flags of /proc/PID/stat. */
#define KERNEL_THREAD UINT64_C(0x00200000)

/* Both members that take such an argument must fail alike. */
#define check_both(stage, suffix, error, ...)                                                        \
        G_STMT_START {                                                                               \
                const char *_unit, *_path;                                                           \
                Figures _figures;                                                                    \
                                                                                                     \
                g_assert_cmpstr(                                                                     \
                        client_figures((stage)->client, &_figures, "GetMemory" suffix, __VA_ARGS__), \
                        ==,                                                                          \
                        error);                                                                      \
                g_assert_cmpstr(                                                                     \
                        client_unit((stage)->client, &_unit, &_path, "GetUnit" suffix, __VA_ARGS__), \
                        ==,                                                                          \
                        error);                                                                      \
        }                                                                                            \
        G_STMT_END

static pid_t ended_process(void) {
        pid_t pid;

        pid = child_fork();
        if (pid == 0)
                _exit(EXIT_SUCCESS);
        return pid;
}

static void test_pids(Stage *stage, const void *data) {
        static const uint32_t nonexistent[] = { UINT32_MAX, INT32_MAX, (uint32_t) INT32_MAX + 1, 4194305 };
        siginfo_t info;
        pid_t pid;

        (void) data;

        for (size_t i = 0; i < G_N_ELEMENTS(nonexistent); i++)
                check_both(stage, "ByPID", MYMEM_ERROR_NO_SUCH_PROCESS, "u", nonexistent[i]);

        /* A zombie has lost its control group, and v1 shows the root instead. */
        pid = ended_process();
        g_assert_cmpint(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), ==, 0);
        check_both(stage, "ByPID", MYMEM_ERROR_NO_SUCH_PROCESS, "u", pid);

        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
        check_both(stage, "ByPID", MYMEM_ERROR_NO_SUCH_PROCESS, "u", pid);
}

static bool is_kernel_thread(pid_t pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid), *text = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return false;
        /* The flags are the seventh field after the name, which may hold spaces and ends in the last ')'. */
        g_auto(GStrv) fields = g_strsplit(g_strrstr(text, ")"), " ", -1);
        g_assert_cmpuint(g_strv_length(fields), >, 7);
        return (g_ascii_strtoull(fields[7], NULL, 10) & KERNEL_THREAD) != 0;
}

static void test_kernel_thread(Stage *stage, const void *data) {
        const char *unit, *path;
        uint64_t total, before;
        Figures figures;

        (void) data;
        if (!is_kernel_thread(2)) {
                g_test_skip("process 2 is no kernel thread here");
                return;
        }

        total = group_meminfo("MemTotal");
        before = total - group_meminfo("MemAvailable");
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemoryByPID", "u", 2), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, total);
        /* Others work on this machine too, so the slack is a twentieth of it. */
        g_assert_cmpuint(figures.usage, >=, before - MIN(before, total / 20));
        g_assert_cmpuint(figures.usage, <=, before + total / 20);
        g_assert_cmpuint(figures.working_set, ==, figures.usage);

        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnitByPID", "u", 2), ==, NULL);
        g_assert_cmpstr(unit, ==, "");
        g_assert_cmpstr(path, ==, MYMEM_UNIT_PATH);
}

static void test_pidfds(Stage *stage, const void *data) {
        int pidfd, pair[2], device, file;
        pid_t pid;

        (void) data;

        /* The process of this one has ended and is a zombie; then it is gone. */
        pid = ended_process();
        pidfd = child_pidfd(pid);
        g_assert_cmpint(waitid(P_PID, (id_t) pid, &(siginfo_t) { 0 }, WEXITED | WNOWAIT), ==, 0);
        check_both(stage, "ByPIDFD", MYMEM_ERROR_NO_SUCH_PROCESS, "h", pidfd);
        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
        check_both(stage, "ByPIDFD", MYMEM_ERROR_NO_SUCH_PROCESS, "h", pidfd);
        close(pidfd);

        g_assert_cmpint(pipe2(pair, O_CLOEXEC), ==, 0);
        device = open("/dev/null", O_RDONLY | O_CLOEXEC);
        file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
        check_both(stage, "ByPIDFD", SD_BUS_ERROR_INVALID_ARGS, "h", pair[0]);
        check_both(stage, "ByPIDFD", SD_BUS_ERROR_INVALID_ARGS, "h", pair[1]);
        check_both(stage, "ByPIDFD", SD_BUS_ERROR_INVALID_ARGS, "h", device);
        check_both(stage, "ByPIDFD", SD_BUS_ERROR_INVALID_ARGS, "h", file);
        close(pair[0]);
        close(pair[1]);
        close(device);
        close(file);
}

/* Descriptors that come with calls are closed, also where the call is wrong; by a thread, which may be
 * behind. */
static void test_descriptors(Stage *stage, const void *data) {
        gint64 deadline;
        unsigned before;
        int device;

        (void) data;
        device = open("/dev/null", O_RDONLY | O_CLOEXEC);
        /* Who we are is known from here on. */
        check_both(stage, "ByPID", NULL, "u", 0);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        before = service_descriptors(stage->service);

        for (unsigned i = 0; i < 100; i++) {
                check_both(stage, "ByPIDFD", SD_BUS_ERROR_INVALID_ARGS, "h", device);
                check_both(stage, "ByPIDFD", SD_BUS_ERROR_INVALID_ARGS, "hh", device, device);
                check_both(stage, "ByPID", SD_BUS_ERROR_INVALID_ARGS, "h", device);
        }
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        while (service_descriptors(stage->service) != before)
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        close(device);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/process/pids", test_pids);
        stage_add("/process/kernel-thread", test_kernel_thread);
        stage_add("/process/pidfds", test_pidfds);
        stage_add("/process/descriptors", test_descriptors);

        return stage_run();
}
