/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

#define PROCESS_TIMEOUT_MSEC 10000

pid_t process_fork(void) {
        pid_t parent = getpid();
        pid_t pid = fork();

        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (getppid() != parent)
                        _exit(1);
        }
        return pid;
}

bool process_await(pid_t pid, int timeout_msec) {
        struct pollfd ended = { .fd = (int) syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
        int r;

        if (ended.fd < 0)
                return true;
        r = poll(&ended, 1, timeout_msec);
        (void) close(ended.fd);
        return r > 0;
}

void process_kill(pid_t pid) {
        if (kill(pid, SIGKILL) == 0 && !process_await(pid, PROCESS_TIMEOUT_MSEC))
                g_printerr("Process %d does not end, ignoring.\n", (int) pid);
}

void process_end_child(pid_t pid) {
        if (pid <= 0)
                return;
        process_kill(pid);
        (void) waitpid(pid, NULL, WNOHANG);
}

int process_state(pid_t pid, pid_t tid) {
        g_autofree char *name = g_strdup_printf("/proc/%d/task/%d/stat", (int) pid, (int) tid);
        g_autofree char *text = NULL;
        const char *end;

        if (!g_file_get_contents(name, &text, NULL, NULL))
                return 0;
        end = strrchr(text, ')');
        return end && end[1] == ' ' ? end[2] : 0;
}
