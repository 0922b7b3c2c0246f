/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <mymem.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* usage: once SOURCE
 *
 * A program that asks once, and prints how many microseconds that took. Fails if the answer did not come
 * from SOURCE, an enum mymem_source. */

static double now_usec(void) {
        struct timespec time;

        (void) clock_gettime(CLOCK_MONOTONIC, &time);
        return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
        struct mymem memory;
        double begin;

        begin = now_usec();
        if (argc != 2 || mymem_get(&memory) < 0)
                return EXIT_FAILURE;
        printf("%.3f\n", now_usec() - begin);
        return memory.source == strtoul(argv[1], NULL, 10) ? EXIT_SUCCESS : EXIT_FAILURE;
}
