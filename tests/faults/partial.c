/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "partial.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fault.h"

#define READ_MAX (256 * 1024)
#define CLAIMED 7 /* bytes, also where there is room for fewer */

bool partial_is_read(int number) {
        return number == SYS_read || number == SYS_pread64 || number == SYS_recvmsg;
}

static bool copy_in(pid_t pid, uint64_t address, void *data, size_t n) {
        struct iovec local = { data, n }, remote = { (void *) address, n };

        return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t) n;
}

static bool copy_out(pid_t pid, uint64_t address, const void *data, size_t n) {
        struct iovec local = { (void *) data, n }, remote = { (void *) address, n };

        return process_vm_writev(pid, &local, 1, &remote, 1, 0) == (ssize_t) n;
}

/* How much of it is left; -1 if it would be all, or nothing. */
static ssize_t cut(const char *data, ssize_t n, int kind) {
        const bool by_line = kind == FAULT_LINE;
        const char *end = by_line && n > 0 ? memchr(data, '\n', (size_t) n) : NULL;
        ssize_t less = end ? end - data + 1 : n / 2;

        return n <= 1 || less >= n || (by_line && !end) ? -1 : less;
}

static ssize_t read_file(const struct seccomp_data *call, int fd, pid_t pid, int kind) {
        off_t offset = call->nr == SYS_read ? lseek(fd, 0, SEEK_CUR) : (off_t) call->args[3];
        char data[READ_MAX];
        ssize_t n;

        n = offset < 0 ? -1 : pread(fd, data, call->args[2] < READ_MAX ? call->args[2] : READ_MAX, offset);
        if (kind == FAULT_EMPTY)
                return n > 0 ? 0 : -1;
        if (kind == FAULT_CLAIM)
                return CLAIMED;
        n = cut(data, n, kind);
        if (n < 0 || !copy_out(pid, call->args[1], data, (size_t) n))
                return -1;
        return call->nr == SYS_read && lseek(fd, offset + n, SEEK_SET) < 0 ? -1 : n;
}

static ssize_t read_socket(const struct seccomp_data *call, int fd, pid_t pid) {
        struct msghdr header;
        struct iovec first, iov;
        char data[READ_MAX];
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
        ssize_t n;

        if (!copy_in(pid, call->args[1], &header, sizeof(header)) || header.msg_iovlen == 0 ||
            !copy_in(pid, (uint64_t) header.msg_iov, &first, sizeof(first)))
                return -1;

        /* With descriptors it is left alone: they would be ours. */
        iov = (struct iovec) { data, first.iov_len < READ_MAX ? first.iov_len : READ_MAX };
        n = recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT);
        if (n <= 1 || message.msg_flags & MSG_CTRUNC || call->args[2] & MSG_PEEK)
                return -1;

        n = recv(fd, data, (size_t) n / 2, MSG_DONTWAIT);
        header.msg_controllen = 0;
        header.msg_flags = 0;
        header.msg_namelen = 0;
        return n > 0 && copy_out(pid, (uint64_t) first.iov_base, data, (size_t) n) &&
                        copy_out(pid, call->args[1], &header, sizeof(header)) ?
                n :
                -1;
}

ssize_t partial_read(const struct seccomp_data *call, int pidfd, pid_t pid, int kind) {
        struct stat status;
        ssize_t n = -1;
        int fd;

        fd = (int) syscall(SYS_pidfd_getfd, pidfd, (int) call->args[0], 0);
        if (fd < 0)
                return -1;
        if (fstat(fd, &status) >= 0) {
                if (S_ISREG(status.st_mode) && call->nr != SYS_recvmsg)
                        n = read_file(call, fd, pid, kind);
                if (S_ISSOCK(status.st_mode) && call->nr == SYS_recvmsg && kind == FAULT_HALF)
                        n = read_socket(call, fd, pid);
        }
        close(fd);
        return n;
}
