/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
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

bool descriptors_is_of_process(int fd) {
        static const char kind[] = "anon_inode:[pidfd]";
        char path[64], text[sizeof(kind)];
        ssize_t n;

        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        n = readlink(path, text, sizeof(text));
        return n == sizeof(kind) - 1 && memcmp(text, kind, sizeof(kind) - 1) == 0;
}
