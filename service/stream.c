/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "closer.h"
#include "stream.h"

#define DESCRIPTORS_ROOM 253 /* as many as the kernel passes on: what finds no room it closes itself */

/* Closes the descriptors in a message of recvmsg(); returns how many. */
static size_t close_descriptors(struct msghdr *message) {
        int fds[DESCRIPTORS_ROOM];
        size_t n = 0;

        for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header))
                if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
                        size_t length = header->cmsg_len - CMSG_LEN(0);

                        memcpy(fds, CMSG_DATA(header), length);
                        closer_close(fds, length / sizeof(int));
                        n += length / sizeof(int);
                }

        return n;
}

ssize_t stream_receive(int fd, void *chunk, size_t size, size_t *ret_n_descriptors) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int) * DESCRIPTORS_ROOM)];
        } control;
        struct iovec iov = { .iov_base = chunk, .iov_len = size };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        ssize_t n;

        n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (n < 0)
                return -errno;

        *ret_n_descriptors = close_descriptors(&message);
        return message.msg_flags & MSG_CTRUNC ? -E2BIG : n;
}

bool stream_brings_descriptors(int fd, void *chunk, size_t size) {
        struct iovec iov = { .iov_base = chunk, .iov_len = size };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

        return recvmsg(fd, &message, MSG_DONTWAIT | MSG_PEEK) >= 0 && message.msg_flags & MSG_CTRUNC;
}
