/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "samples.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_usec(void) {
        struct timespec time;

        g_assert_cmpint(clock_gettime(CLOCK_MONOTONIC, &time), ==, 0);
        return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static double take_one(const Variant *variant) {
        double begin, usec;

        if (variant->prepare)
                variant->prepare(variant->data);
        begin = now_usec();
        variant->work(variant->data);
        usec = now_usec() - begin;
        if (variant->clock)
                usec = variant->clock(variant->data);
        if (variant->finish)
                variant->finish(variant->data);
        return usec;
}

static int compare(const void *a, const void *b) {
        double first = *(const double *) a, second = *(const double *) b;

        return first < second ? -1 : first > second;
}

double samples_median(const double *rounds) {
        double sorted[SAMPLES_ROUNDS];

        memcpy(sorted, rounds, sizeof(sorted));
        qsort(sorted, SAMPLES_ROUNDS, sizeof(*sorted), compare);
        return sorted[SAMPLES_ROUNDS / 2];
}

void samples_take(const Variant *variants, Samples *results, size_t n, unsigned times) {
        g_autofree double *taken = g_new(double, n *times);

        for (unsigned i = 0; i < times / 10 + 1; i++)
                for (size_t j = 0; j < n; j++)
                        (void) take_one(&variants[j]);

        for (size_t round = 0; round < SAMPLES_ROUNDS; round++) {
                for (unsigned i = 0; i < times; i++)
                        for (size_t j = 0; j < n; j++)
                                taken[j * times + i] = take_one(&variants[j]);
                for (size_t j = 0; j < n; j++) {
                        qsort(taken + j * times, times, sizeof(*taken), compare);
                        results[j].p50[round] = taken[j * times + times / 2];
                        results[j].p99[round] = taken[j * times + times * 99 / 100];
                }
        }
}
