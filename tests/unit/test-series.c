/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "check.h"
#include "series.h"
#include "size.h"

static void add(Series *series, guint64 at_usec, guint64 usage, guint64 working_set, guint64 oom_kills) {
        Sample sample = {
                .at_usec = at_usec,
                .usage = usage,
                .working_set = working_set,
                .limit = 1000 + at_usec,
                .oom_kills = oom_kills,
        };

        series_add(series, &sample);
}

static void test_peaks(void) {
        g_autoptr(Series) series = series_new();

        check_size("nothing", series->usage, 0);
        add(series, 0, 10, 5, 0);
        add(series, 1, 30, 4, 0);
        add(series, 2, 20, 6, 1);
        add(series, 3, SIZE_UNKNOWN, 100, 1);
        add(series, 4, 100, SIZE_UNKNOWN, 1);
        check_size("usage", series->usage, 30);
        check_size("working set", series->working_set, 6);
        check_size("samples", series->n_samples, 3);
        check_size("items", series->items->len, 3);
}

/* However many there are, none that was the largest is lost, and neither is when it was. */
static void test_bounded(void) {
        g_autoptr(Series) series = series_new();
        guint64 n = 10 * (guint64) SERIES_MAX, last = 0;
        Sample found;

        for (guint64 i = 0; i < n; i++)
                add(series, i, i == 12345 ? 7777 : i % 10, i == 23456 ? 5555 : 1, i >= 30000 ? 1 : 0);
        check_true("items", series->items->len <= SERIES_MAX && series->items->len > SERIES_MAX / 4);
        check_size("samples", series->n_samples, n);
        check_size("usage", series->usage, 7777);

        for (guint i = 0; i < series->items->len; i++) {
                const Sample *item = series_item(series, i);

                if (i > 0)
                        check_size("evenly", item->at_usec - last, series->per_item);
                last = item->at_usec;
                check_number("spike",
                             item->usage == 7777,
                             12345 >= item->at_usec && 12345 < item->at_usec + series->per_item);
                check_number("kill", item->oom_kills, item->at_usec + series->per_item > 30000 ? 1 : 0);
        }
        check_true("between", series_between(series, 23000, 24000, &found));
        check_size("working set", found.working_set, 5555);
}

static guint64 resident_pages(void) {
        g_autofree char *text = NULL;
        g_auto(GStrv) fields = NULL;

        g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
        fields = g_strsplit(text, " ", -1);
        g_assert_cmpuint(g_strv_length(fields), ==, 7);
        return g_ascii_strtoull(fields[1], NULL, 10);
}

/* A quarter of an hour with one each millisecond takes the memory that a second takes. */
static void test_memory(void) {
        g_autoptr(Series) series = series_new();
        guint64 before, after;

        for (guint64 i = 0; i < SERIES_MAX; i++)
                add(series, i * 1000, i % 10, 1, 0);
        before = resident_pages();
        for (guint64 i = SERIES_MAX; i < 900000; i++)
                add(series, i * 1000, i % 10, 1, 0);
        after = resident_pages();
        g_assert_cmpuint(after, <, before + (8U << 20) / (guint64) sysconf(_SC_PAGESIZE));
        check_size("samples", series->n_samples, 900000);
}

static void test_between(void) {
        static const struct {
                guint64 from, to, usage, working_set, limit;
        } cases[] = {
                { 0, 5, 1, 9, 1010 },    /* before the first: the first */
                { 10, 20, 1, 9, 1010 },  /* up to, and not at */
                { 10, 21, 2, 9, 1020 },  /* the larger of each; the later limit */
                { 20, 100, 3, 8, 1030 }, /* all there are */
                { 22, 28, 2, 8, 1020 },  /* none: what was before */
                { 40, 50, 3, 7, 1030 },
        };
        g_autoptr(Series) series = series_new();
        Sample found;

        check_true("empty", !series_between(series, 0, 10, &found));
        add(series, 10, 1, 9, 0);
        add(series, 20, 2, 8, 0);
        add(series, 30, 3, 7, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *about =
                        g_strdup_printf("from %d to %d", (int) cases[i].from, (int) cases[i].to);

                check_true(about, series_between(series, cases[i].from, cases[i].to, &found));
                check_size(about, found.usage, cases[i].usage);
                check_size(about, found.working_set, cases[i].working_set);
                check_size(about, found.limit, cases[i].limit);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/series/peaks", test_peaks);
        g_test_add_func("/series/bounded", test_bounded);
        g_test_add_func("/series/memory", test_memory);
        g_test_add_func("/series/between", test_between);
        return g_test_run();
}
