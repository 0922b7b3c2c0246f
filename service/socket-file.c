/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "socket-file.h"

int socket_file_bind(const char *path, SocketFile *ret) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -1;
        struct stat status;

        assert(path);
        assert(ret);

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;

        /* What a service before us left. */
        if (lstat(path, &status) >= 0 && S_ISSOCK(status.st_mode) && unlink(path) < 0)
                return -errno;
        if (bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        if (chmod(path, 0666) < 0 || listen(fd, SOMAXCONN) < 0 || lstat(path, &status) < 0) {
                int r = -errno;

                (void) unlink(path);
                return r;
        }

        *ret = (SocketFile) { .path = path, .device = status.st_dev, .inode = status.st_ino };
        return take_fd(&fd);
}

void socket_file_remove(const SocketFile *file) {
        struct stat status;

        assert(file);

        if (file->path && lstat(file->path, &status) >= 0 && status.st_dev == file->device &&
            status.st_ino == file->inode)
                (void) unlink(file->path);
}
