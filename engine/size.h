/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The numbers the kernel writes: bytes, counts and hundredths. One strict reading of them, used everywhere.
 */

#define SIZE_UNLIMITED UINT64_MAX /* of a limit: nothing is set */
#define SIZE_UNKNOWN UINT64_MAX   /* of a measure: the kernel does not say */

/* Cgroup v1 has no word for "no limit" but a number near 2^63 that depends on the page size. */
#define SIZE_V1_UNLIMITED (UINT64_C(1) << 62)

/* Reads decimal digits at '*cursor' and moves it behind them.
 * Returns 0, -EBADMSG where there is no digit, -ERANGE beyond 2^64 - 1. */
int size_scan(const char **cursor, uint64_t *ret);

/* Reads a whole file of one number: digits, or "max" (SIZE_UNLIMITED), then a newline and the end.
 * Returns 0, -EBADMSG or -ERANGE. */
int size_parse(const char *text, uint64_t *ret);

static inline uint64_t size_min(uint64_t a, uint64_t b) {
        return a < b ? a : b;
}

/* a - b, and 0 where that would be negative: two readings of moving figures need not agree. */
static inline uint64_t size_less(uint64_t a, uint64_t b) {
        return a > b ? a - b : 0;
}
