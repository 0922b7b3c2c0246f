/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "cleanup.h"
#include "fuzz.h"

#define INPUT_SIZE_MAX ((size_t) 1024 * 1024)

/* Gives a target each file of a directory, without a fuzzer: what was found once is looked for in every
 * build. */

static bool run_file(int directory_fd, const char *name) {
        _cleanup_close_ int fd = -1;
        _cleanup_free_ uint8_t *data = malloc(INPUT_SIZE_MAX);
        size_t size = 0;
        ssize_t n;

        fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || !data)
                return false;
        while ((n = read(fd, data + size, INPUT_SIZE_MAX - size)) > 0)
                size += (size_t) n;
        if (n < 0 || size == INPUT_SIZE_MAX)
                return false;

        /* If it ends here, its name is the last thing that was said. */
        (void) printf("# %s\n", name);
        (void) fflush(stdout);
        return LLVMFuzzerTestOneInput(data, size) == 0;
}

int main(int argc, char *argv[]) {
        _cleanup_(closedirp) DIR *directory = NULL;
        const struct dirent *entry;
        unsigned n = 0;

        directory = argc == 2 ? opendir(argv[1]) : NULL;
        if (!directory) {
                (void) fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
                return EXIT_FAILURE;
        }

        while ((entry = readdir(directory))) {
                if (entry->d_name[0] == '.')
                        continue;
                n++;
                if (run_file(dirfd(directory), entry->d_name))
                        (void) printf("ok %u %s\n", n, entry->d_name);
                else
                        (void) printf("not ok %u %s\n", n, entry->d_name);
        }

        if (n == 0) {
                (void) fprintf(stderr, "%s: there is nothing in it\n", argv[1]);
                return EXIT_FAILURE;
        }
        (void) printf("1..%u\n", n);
        return EXIT_SUCCESS;
}
