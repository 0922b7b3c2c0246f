/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* How long things take that are done in turn, in one loop: machines differ in their speed, and in a minute
 * so does one machine. */

#define SAMPLES_ROUNDS 5

typedef struct Variant {
        void (*prepare)(void *data); /* what is not timed; NULL: nothing */
        void (*work)(void *data);
        void (*finish)(void *data);  /* neither is this */
        double (*clock)(void *data); /* microseconds, of work that times itself; NULL: its wall time */
        void *data;
} Variant;

/* In microseconds, one of each round. */
typedef struct Samples {
        double p50[SAMPLES_ROUNDS];
        double p99[SAMPLES_ROUNDS];
} Samples;

/* Does each of the variants in turn, 'times' in each round, after some that do not count. */
void samples_take(const Variant *variants, Samples *results, size_t n, unsigned times);

/* The median of what SAMPLES_ROUNDS rounds gave. */
double samples_median(const double *rounds);
