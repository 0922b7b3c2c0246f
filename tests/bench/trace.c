/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trace.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

static pid_t tracer_of(pid_t pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/status", pid), *text = NULL;
        const char *found;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        found = strstr(text, "\nTracerPid:");
        g_assert_nonnull(found);
        return (pid_t) strtol(found + strlen("\nTracerPid:"), NULL, 10);
}

static void trace_free(Trace *trace) {
        (void) g_unlink(trace->path);
        g_free(trace->path);
        g_free(trace);
}

Trace *trace_start(pid_t pid, const char *expression) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        g_autofree char *target = g_strdup_printf("%d", pid);
        Trace *trace = g_new0(Trace, 1);
        int fd;

        fd = g_file_open_tmp("mymem-bench-XXXXXX", &trace->path, NULL);
        g_assert_cmpint(fd, >=, 0);
        close(fd);
        trace->pid = child_fork();
        if (trace->pid == 0) {
                (void) execlp("strace",
                              "strace",
                              "-qq",
                              "-y",
                              "-s",
                              "256",
                              "-e",
                              expression,
                              "-o",
                              trace->path,
                              "-p",
                              target,
                              NULL);
                _exit(EXIT_FAILURE);
        }

        while (tracer_of(pid) != trace->pid) {
                if (waitpid(trace->pid, NULL, WNOHANG) != 0) {
                        g_test_skip("processes cannot be traced");
                        trace_free(trace);
                        return NULL;
                }
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                (void) poll(NULL, 0, 5);
        }
        return trace;
}

char *trace_stop(Trace *trace) {
        char *text;

        /* It lets go of the process, and writes what is left. */
        g_assert_cmpint(kill(trace->pid, SIGINT), ==, 0);
        (void) child_wait(trace->pid, CHILD_PATIENCE_SEC);
        g_assert_true(g_file_get_contents(trace->path, &text, NULL, NULL));
        trace_free(trace);
        return text;
}
