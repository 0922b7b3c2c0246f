/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "descriptors.h"

int descriptors_raise_limit(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return -errno;
        if (limit.rlim_cur >= DESCRIPTORS_WANTED)
                return 0;

        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
        return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

bool descriptors_are_scarce(void) {
        struct rlimit limit;
        int fd;

        /* The lowest number that is free tells how many are in use. */
        fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
                return errno == EMFILE;
        close(fd);

        return getrlimit(RLIMIT_NOFILE, &limit) >= 0 && (rlim_t) fd >= limit.rlim_cur / 4 * 3;
}

static int read_kind(int fd, struct statx *ret) {
        return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, ret);
}

bool descriptors_is_of_process(int fd) {
        struct statx own, other;
        bool is_one;
        int pidfd;

        pidfd = (int) syscall(SYS_pidfd_open, getpid(), 0);
        if (pidfd < 0)
                return false;

        is_one = read_kind(pidfd, &own) >= 0 && read_kind(fd, &other) >= 0 &&
                own.stx_dev_major == other.stx_dev_major && own.stx_dev_minor == other.stx_dev_minor;
        close(pidfd);
        return is_one;
}
