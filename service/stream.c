/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "closer.h"
#include "stream.h"

static void take_descriptors(struct msghdr *message, StreamDescriptors *ret) {
        ret->n = 0;
        for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header))
                if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
                        size_t length = header->cmsg_len - CMSG_LEN(0);

                        assert(ret->n * sizeof(int) + length <= sizeof(ret->fds));
                        memcpy(ret->fds + ret->n, CMSG_DATA(header), length);
                        ret->n += length / sizeof(int);
                }
}

ssize_t stream_receive(int fd, void *chunk, size_t size, StreamDescriptors *ret) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(ret->fds))];
        } control;
        struct iovec iov = { .iov_base = chunk, .iov_len = size };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        ssize_t n;

        assert(fd >= 0);
        assert(chunk);
        assert(ret);

        n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0)
                return -errno;

        take_descriptors(&message, ret);
        ret->is_cut = message.msg_flags & MSG_CTRUNC;
        return n;
}

ssize_t stream_receive_bytes(int fd, void *chunk, size_t size, size_t *ret_n_descriptors) {
        StreamDescriptors descriptors;
        ssize_t n;

        assert(ret_n_descriptors);

        n = stream_receive(fd, chunk, size, &descriptors);
        if (n < 0)
                return n;

        closer_close(descriptors.fds, descriptors.n);
        *ret_n_descriptors = descriptors.n;
        return descriptors.is_cut ? -E2BIG : n;
}

ssize_t stream_send(int fd, const void *data, size_t size, const int *fds, size_t n_fds) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int) * STREAM_DESCRIPTORS_MAX)];
        } control;
        struct iovec iov = { .iov_base = (void *) data, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
        ssize_t n;

        assert(fd >= 0);
        assert(data);
        assert(n_fds <= STREAM_DESCRIPTORS_MAX);

        if (n_fds > 0) {
                memset(&control, 0, sizeof(control));
                control.header = (struct cmsghdr) { .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS,
                                                    .cmsg_len = CMSG_LEN(sizeof(int) * n_fds) };
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
        }
        n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        return n < 0 ? -errno : n;
}

bool stream_brings_descriptors(int fd, void *chunk, size_t size) {
        struct iovec iov = { .iov_base = chunk, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        return recvmsg(fd, &message, MSG_DONTWAIT | MSG_PEEK) >= 0 && message.msg_flags & MSG_CTRUNC;
}
