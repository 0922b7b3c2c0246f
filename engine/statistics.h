/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* What memory.stat says of a control group and all below it. Bytes; SIZE_UNKNOWN where the kernel does not
 * say. */

typedef struct Statistics {
        uint64_t anonymous; /* v2 "anon"; v1 "rss" */
        uint64_t file;      /* page cache, shared memory included: v2 "file"; v1 "cache" */
        uint64_t active_file;
        uint64_t inactive_file;
        uint64_t inactive_cache; /* the same, what the kernel drops first; 0 if it does not say */
        uint64_t shmem;
        uint64_t kernel;             /* v2 since 5.18 */
        uint64_t slab_reclaimable;   /* v2 */
        uint64_t zswap;              /* v2 since 5.19 */
        uint64_t swap;               /* v1 */
        uint64_t hierarchical_limit; /* v1: the smallest limit here and above, also above what can be seen */
} Statistics;

/* Reads the text of memory.stat. On v1 the "total_" counters, which count what is below as v2 does; an
 * ancient kernel without them has the plain ones. Returns 0, -EBADMSG or -ERANGE; every line must have the
 * right shape. */
int statistics_parse(const char *text, int version, Statistics *ret);

/* The same, of what a working set takes alone: what is inactive, and v1's 'hierarchical_limit'. The others
 * are SIZE_UNKNOWN. */
int statistics_parse_brief(const char *text, int version, Statistics *ret);
