/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "parcel.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>

ssize_t parcel_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds, int flags) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int) * PARCEL_FDS_MAX)];
        } control = { 0 };
        struct iovec iov = { .iov_base = (void *) data, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        g_assert_cmpuint(n_fds, <=, PARCEL_FDS_MAX);
        if (n_fds > 0) {
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
                control.header = (struct cmsghdr) { .cmsg_len = CMSG_LEN(sizeof(int) * n_fds),
                                                    .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS };
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
        }
        return sendmsg(fd, &message, flags | MSG_NOSIGNAL);
}

ssize_t parcel_send_copies(int fd, const void *data, size_t size, int copied_fd, size_t n_fds, int flags) {
        int fds[PARCEL_FDS_MAX];

        for (size_t i = 0; i < MIN(n_fds, PARCEL_FDS_MAX); i++)
                fds[i] = copied_fd;
        return parcel_send(fd, data, size, fds, n_fds, flags);
}
