/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much memory do I have? Compile with
 *
 *     cc budget.c $(pkg-config --cflags --libs libmymem) -o budget
 */

#include <inttypes.h>
#include <mymem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
        struct mymem memory;
        int r;

        r = mymem_get(&memory);
        if (r < 0) {
                fprintf(stderr, "Cannot tell how much memory there is: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }

        /* The limit is for everything that the program will ever hold, and what others in the same slice
         * hold. What is available is left right now: that is what a program may count on when it starts. */
        printf("unit: %s\n", memory.unit[0] != '\0' ? memory.unit : "none");
        printf("limit: %" PRIu64 " MiB\n", memory.limit >> 20);
        printf("available: %" PRIu64 " MiB\n", memory.available >> 20);
        if (memory.usage != MYMEM_UNKNOWN)
                printf("usage: %" PRIu64 " MiB\n", memory.usage >> 20);

        /* A cache of a quarter of that leaves room for the rest of the program. */
        printf("cache: %" PRIu64 " MiB\n", memory.available / 4 >> 20);
        return EXIT_SUCCESS;
}
