/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lingering.h"

#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

void lingering_begin(Lingering *lingering) {
        socklen_t size = sizeof(lingering->address);

        *lingering = (Lingering) { .address = { .sin_family = AF_INET,
                                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
                                   .other_fds = g_array_new(FALSE, FALSE, sizeof(int)) };
        lingering->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(lingering->listen_fd, >=, 0);
        g_assert_cmpint(bind(lingering->listen_fd, (struct sockaddr *) &lingering->address, size), ==, 0);
        g_assert_cmpint(
                getsockname(lingering->listen_fd, (struct sockaddr *) &lingering->address, &size), ==, 0);
        g_assert_cmpint(
                setsockopt(lingering->listen_fd, SOL_SOCKET, SO_RCVBUF, &(int) { 4096 }, sizeof(int)),
                ==,
                0);
        g_assert_cmpint(listen(lingering->listen_fd, SOMAXCONN), ==, 0);
}

int lingering_open(Lingering *lingering) {
        const struct linger linger = { .l_onoff = 1, .l_linger = LINGER_SEC };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), other_fd;

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int) { 4096 }, sizeof(int)), ==, 0);
        g_assert_cmpint(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), ==, 0);
        g_assert_cmpint(
                connect(fd, (struct sockaddr *) &lingering->address, sizeof(lingering->address)), ==, 0);
        other_fd = accept4(lingering->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        g_assert_cmpint(other_fd, >=, 0);
        g_array_append_val(lingering->other_fds, other_fd);

        for (char bytes[4096] = { 0 }; send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0;)
                ;
        return fd;
}

void lingering_end(Lingering *lingering) {
        for (guint i = 0; i < lingering->other_fds->len; i++)
                close(g_array_index(lingering->other_fds, int, i));
        g_array_unref(lingering->other_fds);
        close(lingering->listen_fd);
}
