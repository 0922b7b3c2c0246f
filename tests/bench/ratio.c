/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <stdlib.h>

#include "ratio.h"

#define TOLERANCE 1.5

static double seconds_of(RatioWork work, const void *data) {
        gint64 begin = g_get_monotonic_time();

        work(data);
        return (double) (g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
}

static int compare(const void *a, const void *b) {
        double first = *(const double *) a, second = *(const double *) b;

        return first < second ? -1 : first > second;
}

double ratio_measure(
        const char *name, RatioWork measured, RatioWork reference, const void *data, unsigned times) {
        double ratios[RATIO_ROUNDS];

        for (int i = -1; i < RATIO_ROUNDS; i++) {
                double one = 0, other = 0;

                for (unsigned j = 0; j < times; j++) {
                        one += seconds_of(measured, data);
                        other += seconds_of(reference, data);
                }

                g_test_message(
                        "%s: %.2f ms against %.2f ms, %.3f", name, one * 1000, other * 1000, one / other);
                if (i >= 0)
                        ratios[i] = one / other;
        }

        return ratio_median(ratios);
}

double ratio_median(double ratios[RATIO_ROUNDS]) {
        qsort(ratios, RATIO_ROUNDS, sizeof(*ratios), compare);
        return ratios[RATIO_ROUNDS / 2];
}

void ratio_check(double ratio, double target) {
        g_test_message("the median is %.3f, the target %.3f", ratio, target);
        if (ratio > target * TOLERANCE)
                g_test_fail_printf("%.3f is more than %.3f", ratio, target * TOLERANCE);
}
