/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "group.h"
#include "ratio.h"
#include "run.h"
#include "slice.h"

/* `mymem list` of ten thousand units, and reading the same files in a loop. */

#define UNITS 10000
#define TARGET 1.5

static void make_units(const Slice *slice) {
        g_autofree char *directory = group_memory_directory(slice->path);

        for (unsigned i = 0; i < UNITS; i++) {
                g_autofree char *path = g_strdup_printf("%s/%s-%u.service", directory, slice->name, i);

                g_assert_cmpint(mkdir(path, 0755), ==, 0);
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

static void read_plainly(const void *data) {
        static const char *const files[] = { "memory.limit_in_bytes",
                                             "memory.usage_in_bytes",
                                             "memory.stat" };
        const Slice *slice = data;
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
                for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
                        read_file(fd, files[i]);
                close(fd);
                n++;
        }
        closedir(directory);
        g_assert_cmpuint(n, ==, UNITS);
}

static void list(const void *data) {
        g_autoptr(Run) run = run_bash(NULL, "exec \"$M\" list --direct > /dev/null");

        (void) data;
        g_assert_cmpint(run->exit_code, ==, 0);
}

static void test_list(void) {
        Slice *slice = slice_new();

        if (!slice)
                return;

        make_units(slice);
        g_autoptr(Run) run = run_mymem(NULL, WORDS("list", "--direct"));
        g_autofree char *last = g_strdup_printf("%s-%u.service", slice->name, UNITS - 1);
        g_assert_nonnull(strstr(run->out, last));
        ratio_check(ratio_measure("list", list, read_plainly, slice, 3), TARGET);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/list/ratio", test_list);
        return g_test_run();
}
