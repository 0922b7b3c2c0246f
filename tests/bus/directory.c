/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "directory.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool clean(const void *data) {
        const Directory *directory = data;
        g_autoptr(GDir) entries = g_dir_open(directory->path, 0, NULL);
        const char *name;

        while (entries && (name = g_dir_read_name(entries))) {
                g_autofree char *path = g_build_filename(directory->path, name, NULL);

                (void) unlink(path);
        }
        return rmdir(directory->path) == 0;
}

void directory_make(Directory *directory) {
        directory->path = g_dir_make_tmp("mymem-bus-XXXXXX", NULL);
        g_assert_nonnull(directory->path);
        g_assert_cmpint(chmod(directory->path, 0755), ==, 0);
        directory->address = g_strdup_printf("unix:path=%s/bus", directory->path);
        janitor_hire(&directory->janitor, clean, directory);
}

void directory_remove(Directory *directory) {
        janitor_dismiss(&directory->janitor);
        g_free(directory->path);
        g_free(directory->address);
}

int directory_listen(const Directory *directory, int flags) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        g_autofree char *path = g_build_filename(directory->path, "bus", NULL);
        int fd;

        g_assert_cmpuint(
                g_strlcpy(address.sun_path, path, sizeof(address.sun_path)), <, sizeof(address.sun_path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof(address)), ==, 0);
        g_assert_cmpint(chmod(path, 0666), ==, 0);
        g_assert_cmpint(listen(fd, SOMAXCONN), ==, 0);
        return fd;
}
