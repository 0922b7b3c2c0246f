/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* usage: eat BYTES
 *        eat --map FILE
 *
 * Takes that much anonymous memory, or maps the file and looks at each page of it, in a child that keeps it
 * until it is killed. Prints the child's PID and ends once all of it is there. Fails if the child is killed
 * before. */

static char *map(int fd, size_t size) {
        int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
        char *memory = mmap(NULL, size, fd < 0 ? PROT_READ | PROT_WRITE : PROT_READ, flags, fd, 0);

        if (memory == MAP_FAILED)
                return NULL;
        if (fd < 0)
                memset(memory, 0x5a, size);
        else
                for (size_t i = 0; i < size; i += 4096)
                        (void) *(volatile char *) (memory + i);
        return memory;
}

int main(int argc, char *argv[]) {
        size_t size = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
        int file = -1;
        int ready[2];
        char byte;
        pid_t pid;

        if (argc == 3 && strcmp(argv[1], "--map") == 0) {
                struct stat st;

                file = open(argv[2], O_RDONLY | O_CLOEXEC);
                if (file < 0 || fstat(file, &st) < 0)
                        return 1;
                size = (size_t) st.st_size;
        }
        if (size == 0 || pipe(ready) < 0)
                return 2;

        pid = fork();
        if (pid < 0)
                return 1;
        if (pid == 0) {
                if (!map(file, size))
                        _exit(1);
                /* Who waits for the output of the parent does not wait for the child. */
                if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
                        _exit(1);
                if (write(ready[1], "", 1) != 1)
                        _exit(1);
                close(ready[0]);
                close(ready[1]);
                for (;;)
                        pause();
        }

        close(ready[1]);
        if (read(ready[0], &byte, 1) != 1) {
                fprintf(stderr, "eat: The memory could not be taken.\n");
                return 1;
        }
        printf("%d\n", pid);
        return 0;
}
