/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "listening.h"

static gboolean takes_connections(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd, r;

        g_assert_cmpuint(
                g_strlcpy(address.sun_path, path, sizeof(address.sun_path)), <, sizeof(address.sun_path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(fd, >=, 0);
        r = connect(fd, (struct sockaddr *) &address, sizeof(address));
        close(fd);
        return r >= 0;
}

Listening *listening_start(void) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        Listening *listening = g_new0(Listening, 1);
        const char *program = g_getenv("MYMEM_SERVICE");
        g_autofree char *path = NULL, *option = NULL;

        directory_make(&listening->directory);
        path = g_build_filename(listening->directory.path, "bus", NULL);
        option = g_strconcat("--listen=", path, NULL);
        listening->variable = g_strconcat("MYMEM_SOCKET=", path, NULL);

        listening->pid = child_fork();
        if (listening->pid == 0) {
                (void) dup2(STDERR_FILENO, STDOUT_FILENO);
                (void) execl(program, program, "--address=none", option, NULL);
                _exit(EXIT_FAILURE);
        }
        while (!takes_connections(path)) {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                g_assert_cmpint(waitpid(listening->pid, NULL, WNOHANG), ==, 0);
                (void) poll(NULL, 0, 5);
        }

        return listening;
}

void listening_stop(Listening *listening) {
        child_kill(listening->pid);
        directory_remove(&listening->directory);
        g_free(listening->variable);
        g_free(listening);
}
