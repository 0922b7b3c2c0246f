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

/* `mymem list` and `mymem metrics` of ten thousand units, and reading the same files in a loop. */

#define UNITS 10000
#define TARGET 1.5

/* A verb, what it says first of a unit's name, and the files that it reads of each. */
typedef struct Verb {
        const char *name;
        const char *before;
        unsigned times;
        const char *files[8];
} Verb;

static const Verb verbs[] = {
        { "list", "\n", 3, { "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat" } },
        { "metrics",
          "mymem_memory_usage_bytes{unit=\"",
          1,
          { "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "memory.stat",
            "memory.max_usage_in_bytes",
            "memory.failcnt",
            "memory.oom_control" } },
};

typedef struct Bench {
        const Verb *verb;
        const Slice *slice;
} Bench;

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
        const Bench *bench = data;
        g_autofree char *path = group_memory_directory(bench->slice->path);
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
                for (const char *const *file = bench->verb->files; *file; file++)
                        read_file(fd, *file);
                close(fd);
                n++;
        }
        closedir(directory);
        g_assert_cmpuint(n, ==, UNITS);
}

static void run_verb(const void *data) {
        const Bench *bench = data;
        g_autofree char *script = g_strdup_printf("exec \"$M\" %s --direct > /dev/null", bench->verb->name);
        g_autoptr(Run) run = run_bash(NULL, script);

        g_assert_cmpint(run->exit_code, ==, 0);
}

static void test_verb(const void *data) {
        const Verb *verb = data;
        Slice *slice = slice_new();

        if (!slice)
                return;

        make_units(slice);
        g_autoptr(Run) run = run_mymem(NULL, WORDS(verb->name, "--direct"));
        g_autofree char *last = g_strdup_printf("%s%s-%u.service", verb->before, slice->name, UNITS - 1);
        g_assert_nonnull(strstr(run->out, last));

        const Bench bench = { verb, slice };

        ratio_check(ratio_measure(verb->name, run_verb, read_plainly, &bench, verb->times), TARGET);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_data_func("/list/ratio", &verbs[0], test_verb);
        g_test_add_data_func("/list/metrics", &verbs[1], test_verb);
        return g_test_run();
}
