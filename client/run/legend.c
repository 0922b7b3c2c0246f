/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "legend.h"
#include "binder.h"
#include "canvas.h"
#include "palette.h"
#include "size-text.h"
#include "size.h"

#define MIDDLE (LEGEND_Y - 4.5) /* of the letters */

static const CanvasFont line_font = { 13, INK, FALSE };

/* The working set lies upon the usage. */
static double draw_swatch(cairo_t *cairo, double x, guint32 colour, guint32 edge, const char *text) {
        cairo_rectangle(cairo, x, LEGEND_Y - 11, 16, 12);
        canvas_set_colour(cairo, USAGE, AREA_OPACITY);
        cairo_fill_preserve(cairo);
        canvas_set_colour(cairo, colour, colour == USAGE ? 0 : AREA_OPACITY);
        cairo_fill_preserve(cairo);
        canvas_set_colour(cairo, edge, 1);
        cairo_set_line_width(cairo, 1.4);
        cairo_stroke(cairo);
        return x + 50 + canvas_text(cairo, &line_font, CANVAS_LEFT, x + 24, LEGEND_Y, 0, text);
}

static double draw_kills(cairo_t *cairo, double x, guint64 n_oom_kills) {
        g_autofree char *kills = g_strdup_printf("OOM kill (%" G_GUINT64_FORMAT ")", n_oom_kills);

        canvas_cross(cairo, x + 6, MIDDLE, LIMIT);
        return x + 46 + canvas_text(cairo, &line_font, CANVAS_LEFT, x + 20, LEGEND_Y, 0, kills);
}

typedef struct Limit {
        const char *what;
        guint64 value;
        const char *by;
        guint32 colour;
        double dash;
} Limit;

/* A unit's name may be long: it has no more room than up to 'end'. */
static double draw_limit(const Legend *legend, cairo_t *cairo, double x, double end, const Limit *limit) {
        g_autofree char *size = size_text_format(limit->value, FALSE), *name = binder_name(limit->by),
                        *text = NULL;

        text = g_strdup_printf("%s %s, set by %s%s",
                               limit->what,
                               size,
                               name,
                               (double) limit->value > legend->top ? " (beyond the picture)" : "");
        canvas_set_colour(cairo, limit->colour, 1);
        canvas_line(cairo, x, MIDDLE, x + 24, MIDDLE, 2, limit->dash);
        x += 32;
        return x + 26 + canvas_text(cairo, &line_font, CANVAS_LEFT, x, LEGEND_Y, MAX(end - x, 1), text);
}

void legend_draw(cairo_t *cairo, const Legend *legend) {
        const Snapshot *after = legend->after;
        gboolean has_high = after && after->high_limit != SIZE_UNLIMITED;
        double x = legend->left, end = legend->right;

        x = draw_swatch(cairo, x, WORKING_SET, WORKING_SET_EDGE, "working set");
        x = draw_swatch(cairo, x, USAGE, USAGE_EDGE, "usage, with page cache");
        if (legend->n_oom_kills > 0)
                x = draw_kills(cairo, x, legend->n_oom_kills);
        if (!after)
                return;

        x = draw_limit(legend,
                       cairo,
                       x,
                       has_high ? x + (end - x) / 2 - 26 : end,
                       &(Limit) { "limit", after->limit, after->limit_by, LIMIT, LIMIT_DASH });
        if (has_high)
                (void) draw_limit(
                        legend,
                        cairo,
                        x,
                        end,
                        &(Limit) { "high", after->high_limit, after->high_limit_by, HIGH, HIGH_DASH });
}
