/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <inttypes.h>
#include <mymem.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* usage: look LIMIT FILE
 *
 * Asks the library for its own memory in four threads, again and again, and samples a handle in one of them,
 * until FILE exists. A call that fails, or that gives another limit than LIMIT, is printed, the first ten of
 * them; last the count of calls and of such failures. */

#define N_THREADS 4
#define FAILURES_SHOWN 10

static const char *arg_file;
static uint64_t arg_limit;

typedef struct Looker {
        pthread_t thread;
        struct mymem_handle *handle; /* NULL: ask each time */
        uint64_t n_calls, n_failures;
} Looker;

static void look(Looker *looker) {
        struct mymem memory;
        int r;

        r = looker->handle ? mymem_sample(looker->handle, &memory) : mymem_get(&memory);
        looker->n_calls++;
        if (r >= 0 && memory.limit == arg_limit && memory.usage <= memory.limit && memory.usage > 0)
                return;

        if (looker->n_failures++ < FAILURES_SHOWN) {
                if (r < 0)
                        printf("%s\n", strerror(-r));
                else
                        printf("limit %" PRIu64 ", usage %" PRIu64 ", from source %" PRIu32 "\n",
                               memory.limit,
                               memory.usage,
                               memory.source);
        }
}

static void *run(void *pointer) {
        Looker *looker = pointer;

        do
                look(looker);
        while (access(arg_file, F_OK) < 0);

        return NULL;
}

int main(int argc, char *argv[]) {
        Looker lookers[N_THREADS] = { 0 }, all = { 0 };

        if (argc != 3 || sscanf(argv[1], "%" SCNu64, &arg_limit) != 1)
                return 2;
        arg_file = argv[2];

        if (mymem_open(&lookers[0].handle) < 0)
                return 1;
        for (int i = 0; i < N_THREADS; i++)
                if (pthread_create(&lookers[i].thread, NULL, run, &lookers[i]) != 0)
                        return 1;
        for (int i = 0; i < N_THREADS; i++) {
                (void) pthread_join(lookers[i].thread, NULL);
                all.n_calls += lookers[i].n_calls;
                all.n_failures += lookers[i].n_failures;
        }
        mymem_close(lookers[0].handle);

        printf("%" PRIu64 " calls, %" PRIu64 " failures\n", all.n_calls, all.n_failures);
        return all.n_failures > 0;
}
