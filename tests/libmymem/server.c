/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "server.h"

#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "child.h"

static bool takes_connections(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        bool connected;
        int fd;

        g_assert_cmpuint(
                g_strlcpy(address.sun_path, path, sizeof(address.sun_path)), <, sizeof(address.sun_path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(fd, >=, 0);
        connected = connect(fd, (const struct sockaddr *) &address, sizeof(address)) == 0;
        close(fd);
        return connected;
}

void server_run(Server *server) {
        g_autofree char *option = g_strconcat("--listen=", server->path, NULL);
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        const char *program = g_getenv("MYMEM_SERVICE");

        (void) unlink(server->path);
        server->pid = child_fork();
        if (server->pid == 0) {
                (void) dup2(STDERR_FILENO, STDOUT_FILENO);
                execl(program, program, "--address=none", option, NULL);
                _exit(EXIT_FAILURE);
        }

        while (!takes_connections(server->path)) {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                (void) poll(NULL, 0, 10);
        }
}

Server *server_start(void) {
        Server *server = g_new0(Server, 1);

        directory_make(&server->directory);
        server->path = g_build_filename(server->directory.path, "bus", NULL);
        server_run(server);
        return server;
}

void server_stop(Server *server) {
        child_terminate(server->pid);
        directory_remove(&server->directory);
        g_free(server->path);
        g_free(server);
}
