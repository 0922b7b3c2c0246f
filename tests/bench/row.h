/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "samples.h"

/* One line of the table that tools/bench prints. It is said, and written to $MYMEM_BENCH_TABLE if that is
 * set; and what is far from its target fails the test, unless $MYMEM_BENCH_FINAL is set: then all is
 * measured as often as the targets want it, and the table says what is met. */

unsigned row_times(unsigned at_last, unsigned otherwise);

typedef struct Row {
        const char *what;
        const char *against; /* what 'what' is compared with */
        double at_most;      /* the ratio of the two; or */
        double at_least;     /* how much faster 'what' is; or neither: there is no target */
        bool is_only_said;   /* a test does not fail of it: too much is chance, or the floor is not ours */
} Row;

/* The times of both, in microseconds, one of each round. More than one and a half times beyond the target
 * fails: less may be chance. */
void row_ratio(const Row *row, const double *measured, const double *reference);

/* Something that is counted; one more fails. */
void row_count(const char *what, unsigned n, unsigned at_most);

/* Memory; half as much again may be chance. */
void row_bytes(const char *what, int64_t bytes, uint64_t at_most);
