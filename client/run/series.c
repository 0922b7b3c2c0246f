/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>

#include "series.h"
#include "size.h"

Series *series_new(void) {
        Series *series = g_new0(Series, 1);

        series->items = g_array_new(FALSE, FALSE, sizeof(Sample));
        series->per_item = 1;
        return series;
}

void series_free(Series *series) {
        if (!series)
                return;

        g_array_unref(series->items);
        g_free(series);
}

const Sample *series_item(const Series *series, guint i) {
        assert(i < series->items->len);

        return &g_array_index(series->items, Sample, i);
}

/* Measures become the larger ones, limits and counts the later ones. */
static void merge(Sample *into, const Sample *from) {
        into->usage = MAX(into->usage, from->usage);
        into->working_set = MAX(into->working_set, from->working_set);
        into->limit = from->limit;
        into->high_limit = from->high_limit;
        into->oom_kills = from->oom_kills;
}

static void halve(Series *series) {
        guint n = series->items->len / 2;

        for (guint i = 0; i < n; i++) {
                Sample sample = *series_item(series, 2 * i);

                merge(&sample, series_item(series, 2 * i + 1));
                g_array_index(series->items, Sample, i) = sample;
        }
        g_array_set_size(series->items, n);
        series->per_item *= 2;
}

void series_add(Series *series, const Sample *sample) {
        if (sample->usage == SIZE_UNKNOWN || sample->working_set == SIZE_UNKNOWN)
                return;

        series->n_samples++;
        series->usage = MAX(series->usage, sample->usage);
        series->working_set = MAX(series->working_set, sample->working_set);
        if (series->items->len > 0 && series->in_last < series->per_item) {
                merge(&g_array_index(series->items, Sample, series->items->len - 1), sample);
                series->in_last++;
                return;
        }

        if (series->items->len == SERIES_MAX)
                halve(series);
        g_array_append_val(series->items, *sample);
        series->in_last = 1;
}

/* How many items begin before that moment. */
static guint count_before(const Series *series, guint64 usec) {
        guint low = 0, high = series->items->len;

        while (low < high) {
                guint middle = low + (high - low) / 2;

                if (series_item(series, middle)->at_usec < usec)
                        low = middle + 1;
                else
                        high = middle;
        }

        return low;
}

gboolean series_between(const Series *series, guint64 from_usec, guint64 to_usec, Sample *ret) {
        guint first = count_before(series, from_usec), end = count_before(series, to_usec);

        if (series->items->len == 0)
                return FALSE;

        if (first >= end) {
                first = first > 0 ? first - 1 : 0;
                end = first + 1;
        }
        *ret = *series_item(series, first);
        for (guint i = first + 1; i < end; i++)
                merge(ret, series_item(series, i));
        return TRUE;
}
