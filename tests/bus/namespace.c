/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "namespace.h"

#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

#define IMPOSSIBLE 77

bool namespace_run(void (*function)(const void *data), const void *data) {
        int status;
        pid_t pid;

        pid = child_fork();
        if (pid == 0) {
                /* Not this process but its children will live in the new one. */
                if (unshare(CLONE_NEWPID) < 0)
                        _exit(IMPOSSIBLE);
                pid = fork();
                g_assert_cmpint(pid, >=, 0);
                if (pid == 0) {
                        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                        g_assert_cmpint(getpid(), ==, 1);
                        function(data);
                        _exit(EXIT_SUCCESS);
                }
                g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
                _exit(status == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
        }

        status = child_wait(pid, CHILD_PATIENCE_SEC);
        g_assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == IMPOSSIBLE) {
                g_test_skip("PID namespaces cannot be made here");
                return false;
        }
        g_assert_cmpint(WEXITSTATUS(status), ==, EXIT_SUCCESS);
        return true;
}

/* The first process of the namespace: with it goes everybody, so it stays until all are gone, also those who
 * clean up. It ends the program when 'fd' says that who started it is gone. */
static void run_init(int (*program)(void), int fd) {
        struct pollfd entries[] = { { .fd = fd }, { .events = POLLIN } };
        int status = EXIT_FAILURE, one;
        pid_t pid, ended;

        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
                _exit(IMPOSSIBLE);

        pid = child_fork();
        if (pid == 0) {
                close(fd);
                exit(program());
        }
        entries[1].fd = child_pidfd(pid);
        if (poll(entries, G_N_ELEMENTS(entries), -1) > 0 && entries[0].revents != 0)
                (void) kill(pid, SIGKILL);

        while ((ended = waitpid(-1, &one, 0)) > 0)
                if (ended == pid)
                        status = WIFEXITED(one) ? WEXITSTATUS(one) : EXIT_FAILURE;
        _exit(status);
}

int namespace_main(int (*program)(void)) {
        int lifeline[2], status;
        pid_t pid;

        g_assert_cmpint(pipe2(lifeline, O_CLOEXEC), ==, 0);
        /* What is not written yet would be written by each of them. */
        (void) fflush(stdout);
        pid = fork();
        g_assert_cmpint(pid, >=, 0);
        if (pid == 0) {
                close(lifeline[1]);
                if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
                        _exit(IMPOSSIBLE);
                pid = fork();
                g_assert_cmpint(pid, >=, 0);
                if (pid == 0)
                        run_init(program, lifeline[0]);
                g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
                _exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
        }

        close(lifeline[0]);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        if (WIFEXITED(status) && WEXITSTATUS(status) == IMPOSSIBLE)
                printf("1..0 # SKIP PID namespaces cannot be made here\n");
        return WIFEXITED(status) && WEXITSTATUS(status) != IMPOSSIBLE ? WEXITSTATUS(status) :
                WIFEXITED(status)                                     ? EXIT_SUCCESS :
                                                                        EXIT_FAILURE;
}
