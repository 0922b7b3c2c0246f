/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A cache that grows as long as there is memory, and gives some back when it gets scarce. Compile with
 *
 *     cc cache.c $(pkg-config --cflags --libs libmymem) -o cache
 */

#include <mymem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_BYTES ((size_t) 64 * 1024)
#define ENTRIES_MAX 1024

/* Below this, somebody else needs it more. As a program's own figures this depends on what it does. */
#define SPARE_BYTES ((uint64_t) 16 * 1024 * 1024)

typedef struct Cache {
        char *entries[ENTRIES_MAX]; /* a ring, of which the first is the oldest */
        size_t first, n;
        unsigned long trimmed;
} Cache;

static void trim(Cache *cache) {
        free(cache->entries[cache->first]);
        cache->first = (cache->first + 1) % ENTRIES_MAX;
        cache->n--;
        cache->trimmed++;
}

static bool add(Cache *cache) {
        char *entry = malloc(ENTRY_BYTES);

        if (!entry)
                return false;

        memset(entry, 1, ENTRY_BYTES); /* what the program computed */
        if (cache->n == ENTRIES_MAX)
                trim(cache);
        cache->entries[(cache->first + cache->n++) % ENTRIES_MAX] = entry;
        return true;
}

/* Returns whether there is room for one more entry. A sample costs a few microseconds, so one may look each
 * time. */
static bool has_room(struct mymem_handle *handle, Cache *cache) {
        struct mymem memory;

        /* If it is not known for once, the cache stays as it is. */
        if (mymem_sample(handle, &memory) < 0)
                return false;

        if (memory.available >= SPARE_BYTES + ENTRY_BYTES)
                return true;

        /* The kernel takes back freed memory in its own time, so a half, not just as much as is missing. */
        for (size_t half = cache->n / 2; cache->n > half;)
                trim(cache);
        return false;
}

int main(void) {
        static Cache cache;
        struct mymem_handle *handle;
        int r;

        r = mymem_open(&handle);
        if (r < 0) {
                fprintf(stderr, "Cannot tell how much memory there is: %s\n", strerror(-r));
                return EXIT_FAILURE;
        }

        /* A program would go on for ever. */
        for (unsigned i = 0; i < 2 * ENTRIES_MAX; i++)
                if (has_room(handle, &cache))
                        (void) add(&cache);

        printf("entries: %zu, trimmed: %lu\n", cache.n, cache.trimmed);

        while (cache.n > 0)
                trim(&cache);
        mymem_close(handle);
        return EXIT_SUCCESS;
}
