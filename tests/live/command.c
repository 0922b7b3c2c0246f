/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "process.h"

#define COMMAND_TIMEOUT_USEC (30 * G_USEC_PER_SEC)

static pid_t spawn(const char *const argv[], const char *variable, int keep, int output_fd) {
        pid_t pid = process_fork();

        if (pid < 0)
                g_error("Cannot fork: %s", g_strerror(errno));
        if (pid > 0)
                return pid;

        if (variable)
                (void) putenv((char *) variable);
        if (keep >= 0)
                (void) fcntl(keep, F_SETFD, 0);
        if (output_fd >= 0) {
                (void) dup2(output_fd, STDOUT_FILENO);
                (void) dup2(output_fd, STDERR_FILENO);
        } else
                (void) dup2(STDERR_FILENO, STDOUT_FILENO); /* standard output is the tests' protocol */
        (void) execvp(argv[0], (char *const *) argv);
        dprintf(STDERR_FILENO, "Cannot run %s: %s\n", argv[0], g_strerror(errno));
        _exit(127);
}

pid_t command_start(const char *const argv[], const char *variable, int keep) {
        return spawn(argv, variable, keep, -1);
}

/* Reads until the end, an overflow or the deadline. */
static void listen_to(int fd, gint64 deadline, Command *command) {
        size_t n = 0;

        while (n < sizeof(command->text) - 1) {
                struct pollfd ready = { .fd = fd, .events = POLLIN };
                gint64 left = deadline - g_get_monotonic_time();
                ssize_t k;

                if (left <= 0 || poll(&ready, 1, (int) (left / 1000) + 1) <= 0)
                        break;
                k = read(fd, command->text + n, sizeof(command->text) - 1 - n);
                if (k <= 0)
                        break;
                n += (size_t) k;
        }
        command->text[n] = '\0';
}

void command_run(const char *const argv[], Command *ret) {
        gint64 deadline = g_get_monotonic_time() + COMMAND_TIMEOUT_USEC;
        int fds[2];
        int status;
        pid_t pid;

        if (pipe2(fds, O_CLOEXEC) < 0)
                g_error("Cannot make a pipe: %s", g_strerror(errno));
        pid = spawn(argv, NULL, -1, fds[1]);
        (void) close(fds[1]);
        listen_to(fds[0], deadline, ret);
        (void) close(fds[0]);

        if (!process_await(pid, (int) (MAX(deadline - g_get_monotonic_time(), 0) / 1000)))
                process_kill(pid);
        if (waitpid(pid, &status, 0) != pid)
                g_error("Cannot wait for %s: %s", argv[0], g_strerror(errno));
        ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
