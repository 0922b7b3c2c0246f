/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "units.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"

char *units_name(const Slice *slice, unsigned i) {
        return g_strdup_printf("%s-%u.service", slice->name, i);
}

void units_make(const Slice *slice, unsigned n) {
        g_autofree char *directory = group_memory_directory(slice->path);

        for (unsigned i = 0; i < n; i++) {
                g_autofree char *name = units_name(slice, i);
                g_autofree char *path = g_build_filename(directory, name, NULL);

                g_assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
        }
}

static void read_file(int directory_fd, const char *name) {
        char buffer[16384];
        int fd;

        fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(read(fd, buffer, sizeof(buffer)), >, 0);
        close(fd);
}

unsigned units_read_plainly(const Slice *slice, const char *const *files) {
        g_autofree char *path = group_memory_directory(slice->path);
        DIR *directory = opendir(path);
        const struct dirent *entry;
        unsigned n = 0;

        g_assert_nonnull(directory);
        while ((entry = readdir(directory))) {
                int fd;

                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                g_assert_cmpint(fd, >=, 0);
                for (const char *const *file = files; *file; file++)
                        read_file(fd, *file);
                close(fd);
                n++;
        }
        closedir(directory);
        return n;
}
