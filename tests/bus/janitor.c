/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "janitor.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"

static void run(int fd, bool (*clean)(const void *data), const void *data) {
        char byte;

        child_keep(&fd, 1);
        /* A byte, or the end of a test that died. */
        (void) !read(fd, &byte, 1);
        _exit(clean(data) ? EXIT_SUCCESS : EXIT_FAILURE);
}

void janitor_hire(Janitor *janitor, bool (*clean)(const void *data), const void *data) {
        int pair[2];

        g_assert_cmpint(pipe2(pair, O_CLOEXEC), ==, 0);
        /* Not child_fork(): it is to outlive us. */
        janitor->pid = fork();
        g_assert_cmpint(janitor->pid, >=, 0);
        if (janitor->pid == 0)
                run(pair[0], clean, data);

        close(pair[0]);
        janitor->fd = pair[1];
}

void janitor_dismiss(Janitor *janitor) {
        child_tell(janitor->fd);
        g_assert_cmpint(child_wait(janitor->pid, CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);
        close(janitor->fd);
}
