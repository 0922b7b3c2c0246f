/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY "/sys/fs/cgroup/memory"
#define SYSTEMD "/sys/fs/cgroup/systemd"
#define UNIFIED "/sys/fs/cgroup/unified"

/* The controller rounds its largest number down to whole pages, and pages have several sizes. */
#define UNLIMITED (UINT64_C(1) << 62)

const char *group_obstacle(void) {
        if (access(MEMORY "/memory.limit_in_bytes", F_OK) < 0)
                return "the memory controller is not a v1 controller at " MEMORY;
        if (access(SYSTEMD, F_OK) < 0 && access(UNIFIED, F_OK) < 0)
                return "there is no hierarchy for systemd";
        if (access(MEMORY, W_OK) < 0)
                return "control groups cannot be made here";
        return NULL;
}

bool group_skip(void) {
        const char *obstacle = group_obstacle();

        if (obstacle)
                g_test_skip(obstacle);
        return obstacle != NULL;
}

char *group_memory_directory(const char *group) {
        return g_strconcat(MEMORY, group, NULL);
}

char *group_systemd_directory(const char *group) {
        return g_strconcat(access(SYSTEMD, F_OK) == 0 ? SYSTEMD : UNIFIED, group, NULL);
}

static char *path_of(pid_t pid, const char *controller) {
        g_autofree char *path = g_strdup_printf("/proc/%d/cgroup", pid), *text = NULL;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (size_t i = 0; lines[i]; i++) {
                g_auto(GStrv) fields = g_strsplit(lines[i], ":", 3);

                if (g_strv_length(fields) == 3 && g_str_equal(fields[1], controller))
                        return g_strdup(fields[2]);
        }
        return NULL;
}

char *group_memory_path(pid_t pid) {
        return path_of(pid, "memory");
}

char *group_systemd_path(pid_t pid) {
        return path_of(pid, access(SYSTEMD, F_OK) == 0 ? "name=systemd" : "");
}

void group_make(const char *group) {
        g_autofree char *memory = group_memory_directory(group), *systemd = group_systemd_directory(group);

        g_assert_cmpint(mkdir(memory, 0755), ==, 0);
        g_assert_cmpint(mkdir(systemd, 0755), ==, 0);
}

void group_remove(const char *group) {
        g_autofree char *memory = group_memory_directory(group), *systemd = group_systemd_directory(group);

        g_assert_cmpint(rmdir(memory), ==, 0);
        g_assert_cmpint(rmdir(systemd), ==, 0);
}

/* Control groups want one write() of the whole text. */
static void write_text(const char *directory, const char *file, const char *text) {
        g_autofree char *path = g_build_filename(directory, file, NULL);
        int fd;

        fd = open(path, O_WRONLY | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
        close(fd);
}

void group_enter_memory(const char *group) {
        g_autofree char *memory = group_memory_directory(group);

        write_text(memory, "cgroup.procs", "0");
}

void group_enter_systemd(const char *group) {
        g_autofree char *systemd = group_systemd_directory(group);

        write_text(systemd, "cgroup.procs", "0");
}

void group_enter(const char *group) {
        group_enter_memory(group);
        group_enter_systemd(group);
}

void group_write(const char *group, const char *file, uint64_t value) {
        g_autofree char *memory = group_memory_directory(group), *text = NULL;

        text = g_strdup_printf("%" G_GUINT64_FORMAT, value);
        write_text(memory, file, text);
}

static char *read_text(const char *group, const char *file) {
        g_autofree char *memory = group_memory_directory(group), *path = NULL;
        char *text = NULL;

        path = g_build_filename(memory, file, NULL);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        return text;
}

uint64_t group_number(const char *group, const char *file) {
        g_autofree char *text = read_text(group, file);
        uint64_t number;

        g_assert_true(g_ascii_isdigit(*text));
        number = g_ascii_strtoull(text, NULL, 10);
        return number >= UNLIMITED ? UINT64_MAX : number;
}

static uint64_t find_key(const char *text, const char *key) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (size_t i = 0; lines[i]; i++)
                if (g_str_has_prefix(lines[i], key) && strchr(" :", lines[i][strlen(key)]))
                        return g_ascii_strtoull(lines[i] + strlen(key) + 1, NULL, 10);

        g_test_message("No %s here:\n%s", key, text);
        g_assert_not_reached();
}

uint64_t group_keyed(const char *group, const char *file, const char *key) {
        g_autofree char *text = read_text(group, file);

        return find_key(text, key);
}

unsigned group_lines(const char *group, const char *file) {
        g_autofree char *text = read_text(group, file);
        unsigned n = 0;

        for (const char *cursor = text; *cursor; cursor++)
                n += *cursor == '\n';
        return n;
}

uint64_t group_working_set(const char *group) {
        uint64_t usage, inactive;

        usage = group_number(group, "memory.usage_in_bytes");
        inactive = group_keyed(group, "memory.stat", "total_inactive_file");
        return usage > inactive ? usage - inactive : 0;
}

uint64_t group_meminfo(const char *key) {
        g_autofree char *text = NULL;

        g_assert_true(g_file_get_contents("/proc/meminfo", &text, NULL, NULL));
        return find_key(text, key) * 1024;
}
