/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "namespace.h"

#include <glib.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
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
