/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "piece.h"

#include <poll.h>
#include <sys/socket.h>

#include "fuzz.h"

#define PATIENCE_MSEC 10000

size_t piece_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int) * PIECE_DESCRIPTORS_MAX)];
        } control = { 0 };
        struct iovec iov = { (void *) data, size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
        ssize_t n;

        FUZZ_CHECK(n_fds <= PIECE_DESCRIPTORS_MAX);
        if (n_fds > 0) {
                control.header = (struct cmsghdr) { .cmsg_len = CMSG_LEN(sizeof(int) * n_fds),
                                                    .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS };
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
        }
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
        return n < 0 ? 0 : (size_t) n;
}

void piece_await_closed(size_t open_fds) {
        for (int i = 0; i < PATIENCE_MSEC && fuzz_open_fds() != open_fds; i++)
                (void) poll(NULL, 0, 1);
        FUZZ_CHECK(fuzz_open_fds() == open_fds);
}
