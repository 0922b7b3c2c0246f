/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "child.h"

#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than any test opens. */
#define MAX_DESCRIPTORS 1024

void child_bind(pid_t parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                _exit(EXIT_FAILURE);
        /* The parent may have died before it could matter. */
        if (getppid() != parent)
                _exit(EXIT_FAILURE);
}

pid_t child_fork(void) {
        pid_t parent, pid;

        parent = getpid();
        pid = fork();
        g_assert_cmpint(pid, >=, 0);
        if (pid == 0)
                child_bind(parent);

        return pid;
}

void child_keep(const int *fds, size_t n) {
        for (int fd = STDERR_FILENO + 1; fd < MAX_DESCRIPTORS; fd++) {
                bool keep = false;

                for (size_t i = 0; i < n; i++)
                        keep |= fds[i] == fd;
                if (!keep)
                        (void) close(fd);
        }
}

int child_pidfd(pid_t pid) {
        int fd;

        fd = pidfd_open(pid, 0);
        g_assert_cmpint(fd, >=, 0);
        return fd;
}

int child_wait(pid_t pid, unsigned seconds) {
        struct pollfd entry = { .fd = child_pidfd(pid), .events = POLLIN };
        int ended, status;

        ended = poll(&entry, 1, (int) seconds * 1000);
        close(entry.fd);
        if (ended == 0)
                (void) kill(pid, SIGKILL);

        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        g_assert_cmpint(ended, ==, 1);
        return status;
}

void child_terminate(pid_t pid) {
        g_assert_cmpint(kill(pid, SIGTERM), ==, 0);
        g_assert_cmpint(child_wait(pid, CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);
}

void child_kill(pid_t pid) {
        g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
        (void) child_wait(pid, CHILD_PATIENCE_SEC);
}

/* Waits until the letter for the process's state is 'wanted'. */
static void await_state(pid_t pid, int wanted) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
        int state;

        do {
                g_autofree char *text = NULL;

                g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
                state = (unsigned char) strrchr(text, ')')[2];
        } while (state != wanted && g_get_monotonic_time() < deadline);
        g_assert_cmpint(state, ==, wanted);
}

void child_stop(pid_t pid) {
        g_assert_cmpint(kill(pid, SIGSTOP), ==, 0);
        await_state(pid, 'T');
}

void child_continue(pid_t pid) {
        /* From here on it is ready to run, whether it does already or not, until it sleeps. */
        g_assert_cmpint(kill(pid, SIGCONT), ==, 0);
        await_state(pid, 'S');
}

void child_run_for(void (*function)(void *data), void *data, unsigned seconds) {
        int status;
        pid_t pid;

        pid = child_fork();
        if (pid == 0) {
                function(data);
                _exit(EXIT_SUCCESS);
        }

        status = child_wait(pid, seconds);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, EXIT_SUCCESS);
}

void child_run(void (*function)(void *data), void *data) {
        child_run_for(function, data, CHILD_PATIENCE_SEC);
}

int child_hear(int fd) {
        struct pollfd entry = { .fd = fd, .events = POLLIN };
        char byte;

        g_assert_cmpint(poll(&entry, 1, CHILD_PATIENCE_SEC * 1000), ==, 1);
        return read(fd, &byte, 1) == 1;
}

void child_tell(int fd) {
        g_assert_cmpint(write(fd, "!", 1), ==, 1);
}
