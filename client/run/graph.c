/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "graph.h"
#include "size-text.h"
#include "size.h"
#include "terminal.h"
#include "time-text.h"

#define ROWS 8
#define EIGHTHS 8
#define LABEL_WIDTH 8
#define WIDTH_MIN (LABEL_WIDTH + 12)

/* A limit is drawn if the peak comes this near: as a share of it. */
#define NEAR_SHARE 2

/* How it is drawn. */
typedef struct Ink {
        const char *working_set[EIGHTHS]; /* a cell filled from below: by an eighth, ... whole */
        const char *cache;
        const char *limit;
        const char *axis, *corner, *bottom, *oom;
} Ink;

static const Ink ink_utf8 = {
        { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }, "░", "╌", "┤", "└", "─", "✕",
};
static const Ink ink_ascii = {
        { " ", " ", " ", "#", "#", "#", "#", "#" }, "+", "-", "|", "+", "-", "X",
};

typedef struct Column {
        gboolean is_known;
        unsigned working_set, usage; /* in eighths of a row */
        gboolean has_oom;
} Column;

typedef struct Graph {
        const Ink *ink;
        guint64 top;
        guint64 limit; /* SIZE_UNLIMITED: not drawn */
        unsigned n;
        Column *columns;
} Graph;

static unsigned scale(const Graph *graph, guint64 value) {
        return (unsigned) ((long double) value / (long double) graph->top * (ROWS * EIGHTHS) + 0.5L);
}

static void fill(Graph *graph, const Series *series, guint64 duration_usec) {
        guint64 oom_kills = series_item(series, 0)->oom_kills;

        for (unsigned i = 0; i < graph->n; i++) {
                guint64 from = duration_usec / graph->n * i, to = duration_usec / graph->n * (i + 1);
                Column *column = &graph->columns[i];
                Sample sample;

                if (i + 1 == graph->n)
                        to = G_MAXUINT64;
                if (!series_between(series, from, to, &sample))
                        continue;
                column->is_known = TRUE;
                column->usage = scale(graph, sample.usage);
                column->working_set = scale(graph, sample.working_set);
                column->has_oom = sample.oom_kills != SIZE_UNKNOWN && sample.oom_kills > oom_kills;
                oom_kills = sample.oom_kills;
        }
}

/* One cell of the row that begins so many eighths from below. */
static const char *draw_cell(const Graph *graph, const Column *column, unsigned below) {
        unsigned limit = graph->limit == SIZE_UNLIMITED ? 0 : scale(graph, graph->limit);
        const char *cell = " ";

        if (column->is_known && column->working_set > below)
                cell = graph->ink->working_set[MIN(column->working_set - below - 1, EIGHTHS - 1)];
        /* Of little the letters of a plain terminal show nothing. */
        if (!g_str_equal(cell, " "))
                return cell;
        if (column->is_known && column->usage > below)
                return graph->ink->cache;
        if (limit > below && limit <= below + EIGHTHS)
                return graph->ink->limit;
        return cell;
}

static void draw_row(const Graph *graph, unsigned row, GString *text) {
        unsigned below = (ROWS - 1 - row) * EIGHTHS;
        g_autofree char *label = NULL;
        g_autoptr(GString) line = g_string_new(NULL);

        if (row == 0 || row == ROWS / 2)
                label = size_text_format(row == 0 ? graph->top : graph->top / 2, FALSE);
        g_string_printf(line, "%*s %s", LABEL_WIDTH, label ? label : "", graph->ink->axis);
        for (unsigned i = 0; i < graph->n; i++)
                g_string_append(line, draw_cell(graph, &graph->columns[i], below));
        g_strchomp(line->str);
        g_string_append_printf(text, "%s\n", line->str);
}

static void draw_axis(const Graph *graph, guint64 duration_usec, GString *text) {
        g_autofree char *duration = time_text_format(duration_usec);

        g_string_append_printf(text, "%*s %s", LABEL_WIDTH, "0B", graph->ink->corner);
        for (unsigned i = 0; i < graph->n; i++)
                g_string_append(text, graph->columns[i].has_oom ? graph->ink->oom : graph->ink->bottom);
        g_string_append_printf(text, "\n%*s0%*s\n", LABEL_WIDTH + 2, "", (int) graph->n - 1, duration);
}

char *graph_draw(const Series *series, guint64 duration_usec, unsigned width) {
        g_autofree Column *columns = NULL;
        Graph graph = { .ink = terminal_is_utf8() ? &ink_utf8 : &ink_ascii, .limit = SIZE_UNLIMITED };
        GString *text = g_string_new(NULL);
        guint64 limit;

        if (series->items->len == 0 || series->usage == 0)
                return g_string_free(text, FALSE);

        limit = series_item(series, series->items->len - 1)->limit;
        graph.top = series->usage;
        if (limit / NEAR_SHARE <= series->usage) {
                graph.limit = limit;
                graph.top = MAX(limit, series->usage);
        }
        graph.n = MAX(width, WIDTH_MIN) - LABEL_WIDTH - 2;
        graph.columns = columns = g_new0(Column, graph.n);
        fill(&graph, series, duration_usec);
        for (unsigned row = 0; row < ROWS; row++)
                draw_row(&graph, row, text);
        draw_axis(&graph, duration_usec, text);
        return g_string_free(text, FALSE);
}
