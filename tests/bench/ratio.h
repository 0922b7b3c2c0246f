/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How long one thing takes, as a multiple of another: machines differ in their speed, and in a minute so
 * does one machine. */

#define RATIO_ROUNDS 5

typedef void (*RatioWork)(const void *data);

/* Does both in turn, so many times in each of RATIO_ROUNDS rounds after one that does not count, and returns
 * the median of the ratios of their wall times. Says what it saw. */
double ratio_measure(
        const char *name, RatioWork measured, RatioWork reference, const void *data, unsigned times);

/* The median of ratios that were measured otherwise, which it sorts. */
double ratio_median(double ratios[RATIO_ROUNDS]);

/* Fails the test if the ratio is more than one and a half times what it shall be: less may be chance. */
void ratio_check(double ratio, double target);
