/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox.h"

#include <glib.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "child.h"

static bool enter_namespace(void) {
        return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

bool sandbox_is_possible(void) {
        pid_t pid = child_fork();

        if (pid == 0)
                _exit(enter_namespace() ? EXIT_SUCCESS : EXIT_FAILURE);
        if (child_wait(pid, CHILD_PATIENCE_SEC) == 0)
                return true;

        g_test_skip("no mount namespace can be made here");
        return false;
}

void sandbox_enter(bool keep_proc) {
        g_assert_true(enter_namespace());
        g_assert_cmpint(mount("none", "/sys/fs", "tmpfs", 0, NULL), ==, 0);
        if (!keep_proc)
                g_assert_cmpint(mount("none", "/proc", "tmpfs", 0, NULL), ==, 0);
}
