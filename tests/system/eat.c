/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* usage: eat BYTES
 *
 * Takes that much anonymous memory, in a child that keeps it until it is killed. Prints the child's PID and
 * ends once all of it is there. Fails if the child is killed before. */

int main(int argc, char *argv[]) {
        size_t size = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
        int ready[2];
        char byte;
        pid_t pid;

        if (size == 0 || pipe(ready) < 0)
                return 2;

        pid = fork();
        if (pid < 0)
                return 1;
        if (pid == 0) {
                char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

                if (memory == MAP_FAILED)
                        _exit(1);
                memset(memory, 0x5a, size);
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
