/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "row.h"

#include <glib.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#define TOLERANCE 1.5

static bool is_final(void) {
        return g_getenv("MYMEM_BENCH_FINAL") != NULL;
}

unsigned row_times(unsigned at_last, unsigned otherwise) {
        return is_final() ? at_last : otherwise;
}

/* What runs on a bus says on which one. */
static const char *bus_name(void) {
        const char *broker = g_getenv("MYMEM_TEST_BROKER");

        return broker && !g_str_equal(broker, "none") ? broker : "";
}

static void write_row(const char *what, const char *figures, const char *met) {
        const char *path = g_getenv("MYMEM_BENCH_TABLE");
        FILE *file;

        (void) setlocale(LC_CTYPE, "C.UTF-8"); /* of messages */
        g_test_message("%s | %s", what, figures);
        if (!path)
                return;
        file = fopen(path, "ae");
        g_assert_nonnull(file);
        fprintf(file, "| %s | %s | %s | %s |\n", what, bus_name(), figures, met);
        g_assert_cmpint(fclose(file), ==, 0);
}

static char *format_time(double usec) {
        if (usec < 100)
                return g_strdup_printf("%.1f µs", usec);
        if (usec < 10000)
                return g_strdup_printf("%.0f µs", usec);
        return g_strdup_printf("%.0f ms", usec / 1000);
}

static void fail(const char *what, const char *figures) {
        if (!is_final())
                g_test_fail_printf("%s: %s", what, figures);
}

void row_ratio(const Row *row, const double *measured, const double *reference) {
        bool is_floor = row->at_least > 0, has_target = is_floor || row->at_most > 0;
        g_autofree char *ours = format_time(samples_median(measured));
        g_autofree char *theirs = format_time(samples_median(reference));
        double ratios[SAMPLES_ROUNDS], least = INFINITY, most = 0, median, distance;
        g_autofree char *figures = NULL, *target = NULL;

        for (size_t i = 0; i < SAMPLES_ROUNDS; i++) {
                ratios[i] = is_floor ? reference[i] / measured[i] : measured[i] / reference[i];
                least = MIN(least, ratios[i]);
                most = MAX(most, ratios[i]);
        }
        median = samples_median(ratios);
        distance = is_floor ? row->at_least / median : median / row->at_most;
        target = has_target ?
                g_strdup_printf("%s %g", is_floor ? "≥" : "≤", is_floor ? row->at_least : row->at_most) :
                g_strdup("");

        figures = g_strdup_printf("%s | %s: %s | %.3g (%.3g–%.3g) | %s",
                                  ours,
                                  row->against,
                                  theirs,
                                  median,
                                  least,
                                  most,
                                  target);
        write_row(row->what, figures, !has_target ? "" : distance <= 1 ? "yes" : "**no**");
        if (has_target && !row->is_only_said && distance > TOLERANCE)
                fail(row->what, figures);
}

void row_count(const char *what, unsigned n, unsigned at_most) {
        g_autofree char *figures = g_strdup_printf("%u | | | ≤ %u", n, at_most);

        write_row(what, figures, n <= at_most ? "yes" : "**no**");
        if (n > at_most)
                fail(what, figures);
}

void row_bytes(const char *what, int64_t bytes, uint64_t at_most) {
        g_autofree char *figures = g_strdup_printf(
                "%" G_GINT64_FORMAT " kB | | | ≤ %" G_GUINT64_FORMAT " kB", bytes / 1024, at_most / 1024);

        write_row(what, figures, bytes <= (int64_t) at_most ? "yes" : "**no**");
        if ((double) bytes > (double) at_most * TOLERANCE)
                fail(what, figures);
}
