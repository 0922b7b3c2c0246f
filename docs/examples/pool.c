/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pool with as many workers as there are processors, but no more than fit into the memory. Compile with
 *
 *     cc pool.c $(pkg-config --cflags --libs libmymem) -pthread -o pool
 */

#include <mymem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one worker needs when it is busy. */
#define WORKER_BYTES ((size_t) 4 * 1024 * 1024)

#define WORKERS_MAX 64

static void *work(void *data) {
        char *memory;

        (void) data;

        memory = malloc(WORKER_BYTES);
        if (!memory)
                return NULL;

        /* Here a worker would do something useful. */
        memset(memory, 1, WORKER_BYTES);

        free(memory);
        return NULL;
}

static unsigned count_workers(void) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        unsigned n = processors < 1 ? 1 : processors > WORKERS_MAX ? WORKERS_MAX : (unsigned) processors;
        struct mymem memory;
        int r;

        r = mymem_get(&memory);
        if (r < 0) {
                /* It is not known how many fit: one always has to. */
                fprintf(stderr, "Cannot tell how much memory there is: %s\n", strerror(-r));
                return 1;
        }

        /* Half of it for the workers: others may want some, too. */
        if (memory.available / 2 / WORKER_BYTES < n)
                n = (unsigned) (memory.available / 2 / WORKER_BYTES);

        return n > 0 ? n : 1;
}

int main(void) {
        pthread_t threads[WORKERS_MAX];
        unsigned wanted = count_workers(), n = 0;

        while (n < wanted && pthread_create(&threads[n], NULL, work, NULL) == 0)
                n++;
        for (unsigned i = 0; i < n; i++)
                (void) pthread_join(threads[i], NULL);

        printf("workers: %u\n", n);
        return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
