/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plain.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "group.h"

static void add(Plain *plain, const char *path) {
        int fd;

        fd = open(path, O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpuint(plain->n, <, PLAIN_MAX);
        plain->fds[plain->n++] = fd;
}

static void add_file(Plain *plain, const char *group, const char *name) {
        g_autofree char *directory = group_memory_directory(group);
        g_autofree char *path = g_build_filename(directory, name, NULL);

        add(plain, path);
}

void plain_open_call(Plain *plain, const char *group) {
        g_autofree char *above = g_strdup(group);

        *plain = (Plain) { 0 };
        add(plain, "/proc/self/cgroup");
        for (; *above; *strrchr(above, '/') = '\0')
                add_file(plain, above, "memory.limit_in_bytes");
        add_file(plain, group, "memory.usage_in_bytes");
        add_file(plain, group, "memory.stat");
}

void plain_open_sample(Plain *plain, const char *group, const char *limited) {
        *plain = (Plain) { 0 };
        add(plain, "/proc/self/cgroup");
        add_file(plain, group, "memory.usage_in_bytes");
        add_file(plain, group, "memory.stat");
        add_file(plain, limited, "memory.usage_in_bytes");
}

void plain_close(Plain *plain) {
        for (size_t i = 0; i < plain->n; i++)
                close(plain->fds[i]);
}

void plain_read(void *data) {
        const Plain *plain = data;
        char text[16384];

        for (size_t i = 0; i < plain->n; i++)
                g_assert_cmpint(pread(plain->fds[i], text, sizeof(text), 0), >, 0);
}
