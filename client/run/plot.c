/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <cairo-svg.h>
#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "axis.h"
#include "canvas.h"
#include "legend.h"
#include "palette.h"
#include "plot.h"
#include "size-text.h"
#include "size.h"
#include "time-text.h"

#define WIDTH 1200
#define HEIGHT 640
#define PNG_SCALE 2 /* pixels for a point */
#define LEFT 92
#define RIGHT 36
#define TOP 124
#define BOTTOM 66
#define INNER_WIDTH (WIDTH - LEFT - RIGHT)
#define INNER_HEIGHT (HEIGHT - TOP - BOTTOM)
#define ROWS_MAX 8
#define MARKS_MAX 10
#define MARK_WIDTH 8

/* A limit that is farther away than so many times the peak would make everything else flat. */
#define FAR_TIMES 3

static const CanvasFont title_font = { 21, INK, TRUE };
static const CanvasFont subtitle_font = { 14, GREY, FALSE };
static const CanvasFont label_font = { 13, GREY, FALSE };

typedef struct Plot {
        cairo_t *cairo;
        const Outcome *outcome;
        const Series *series;
        Axis sizes, times;
        double top;      /* bytes */
        double duration; /* µs */
} Plot;

gboolean plot_is_possible(void) {
        return TRUE;
}

static double x_of(const Plot *plot, double usec) {
        return LEFT + usec / plot->duration * INNER_WIDTH;
}

static double y_of(const Plot *plot, double bytes) {
        return TOP + INNER_HEIGHT - bytes / plot->top * INNER_HEIGHT;
}

static const Sample *last_sample(const Series *series) {
        return series->items->len > 0 ? series_item(series, series->items->len - 1) : NULL;
}

static gboolean is_near(const Series *series, guint64 limit) {
        return limit != SIZE_UNLIMITED && limit / FAR_TIMES <= series->usage;
}

/* The scale has room for all that is drawn, and a little more. */
static void scale(Plot *plot) {
        const Sample *last = last_sample(plot->series);
        guint64 most = MAX(plot->series->usage, 1);

        if (last && is_near(plot->series, last->limit))
                most = MAX(most, last->limit);
        if (last && is_near(plot->series, last->high_limit))
                most = MAX(most, last->high_limit);
        plot->sizes = axis_of_size(most + most / 20, ROWS_MAX);
        plot->top = axis_mark(&plot->sizes, plot->sizes.n_marks);
        plot->duration = (double) MAX(plot->outcome->duration_usec, 1);
        plot->times = axis_of_time(plot->outcome->duration_usec, MARKS_MAX);
}

static char *subtitle(const Outcome *outcome) {
        g_autofree char *result = outcome_result(outcome), *place = outcome_place(outcome),
                        *duration = time_text_format(outcome->duration_usec), *peak_text = NULL;
        OutcomePeak kind;
        guint64 peak = outcome_peak(outcome, &kind);

        peak_text = size_text_format_measure(peak, FALSE);
        return g_strdup_printf("%s after %s  ·  peak %s%s  ·  in %s",
                               result,
                               duration,
                               peak_text,
                               kind == OUTCOME_PEAK_KERNEL          ? "" :
                                       kind == OUTCOME_PEAK_SAMPLED ? " (sampled)" :
                                                                      " (largest process)",
                               place);
}

static void draw_head(const Plot *plot) {
        g_autofree char *line = outcome_command_line(plot->outcome->arguments),
                        *below = subtitle(plot->outcome);

        (void) canvas_text(plot->cairo, &title_font, CANVAS_LEFT, LEFT, 40, INNER_WIDTH, line);
        (void) canvas_text(plot->cairo, &subtitle_font, CANVAS_LEFT, LEFT, 64, INNER_WIDTH, below);
}

static void draw_size_axis(const Plot *plot) {
        for (unsigned i = 0; i <= plot->sizes.n_marks; i++) {
                g_autofree char *label = axis_label(&plot->sizes, i);
                double y = y_of(plot, axis_mark(&plot->sizes, i));

                canvas_set_colour(plot->cairo, i == 0 ? GREY : GRID, 1);
                canvas_line(plot->cairo, LEFT, y, WIDTH - RIGHT, y, 1, 0);
                (void) canvas_text(plot->cairo, &label_font, CANVAS_RIGHT, LEFT - 10, y + 4.5, 0, label);
        }
        (void) canvas_text(plot->cairo, &label_font, CANVAS_RIGHT, LEFT - 10, TOP - 16, 0, plot->sizes.name);
}

static void draw_time_axis(const Plot *plot) {
        double base = TOP + INNER_HEIGHT;

        for (unsigned i = 0; i <= plot->times.n_marks; i++) {
                g_autofree char *label = axis_label(&plot->times, i);
                double x = x_of(plot, axis_mark(&plot->times, i));

                canvas_set_colour(plot->cairo, GREY, 1);
                canvas_line(plot->cairo, x, base, x, base + 5, 1, 0);
                (void) canvas_text(plot->cairo, &label_font, CANVAS_CENTRE, x, base + 22, 0, label);
        }
        g_autofree char *name = g_strdup_printf("time (%s)", plot->times.name);
        (void) canvas_text(
                plot->cairo, &label_font, CANVAS_CENTRE, LEFT + INNER_WIDTH / 2.0, HEIGHT - 18, 0, name);
}

/* What is drawn of a figure lies on a grid: nobody sees more of it, and a file has a short number for it. */
static double on_grid(double value, double lines) {
        return floor(value * lines + 0.5) / lines;
}

/* One figure over time. Where there is more than one item for a column, the largest is drawn, so a picture
 * is no larger for having more of them. */
static void trace(const Plot *plot, size_t offset) {
        double column = LEFT, highest = y_of(plot, 0);

        for (guint i = 0; i < plot->series->items->len; i++) {
                const Sample *sample = series_item(plot->series, i);
                double x = on_grid(x_of(plot, MIN((double) sample->at_usec, plot->duration)), 1), y;
                guint64 value;

                memcpy(&value, (const char *) sample + offset, sizeof(value));
                y = on_grid(y_of(plot, (double) value), 4);
                if (i > 0 && x > column) {
                        cairo_line_to(plot->cairo, column, highest);
                        column = x;
                        highest = y;
                } else
                        highest = i == 0 ? y : MIN(highest, y);
        }
        cairo_line_to(plot->cairo, column, highest);
        cairo_line_to(plot->cairo, WIDTH - RIGHT, highest);
}

static void draw_area(const Plot *plot, size_t offset, guint32 colour, guint32 edge) {
        double base = y_of(plot, 0);

        if (plot->series->items->len == 0)
                return;

        cairo_new_path(plot->cairo);
        cairo_move_to(plot->cairo, LEFT, base);
        trace(plot, offset);
        cairo_line_to(plot->cairo, WIDTH - RIGHT, base);
        cairo_close_path(plot->cairo);
        canvas_set_colour(plot->cairo, colour, AREA_OPACITY);
        cairo_fill(plot->cairo);

        cairo_new_path(plot->cairo);
        trace(plot, offset);
        canvas_set_colour(plot->cairo, edge, 1);
        cairo_set_line_width(plot->cairo, 1.1);
        cairo_set_line_join(plot->cairo, CAIRO_LINE_JOIN_ROUND);
        cairo_stroke(plot->cairo);
}

/* A limit's line changes when the limit does, and has gaps where that is beyond the picture. */
static void draw_limit(const Plot *plot, size_t offset, guint32 colour, double dash) {
        double drawn_at = -1; /* none is, of which there could be a line on */

        cairo_new_path(plot->cairo);
        for (guint i = 0; i < plot->series->items->len; i++) {
                const Sample *sample = series_item(plot->series, i);
                double x = i == 0 ? LEFT : x_of(plot, MIN((double) sample->at_usec, plot->duration)), y = -1;
                guint64 value;

                memcpy(&value, (const char *) sample + offset, sizeof(value));
                if ((double) value <= plot->top)
                        y = on_grid(y_of(plot, (double) value), 4);
                if (fabs(y - drawn_at) < 0.1)
                        continue;
                if (drawn_at >= 0)
                        cairo_line_to(plot->cairo, x, drawn_at);
                if (drawn_at >= 0 && y >= 0)
                        cairo_line_to(plot->cairo, x, y);
                else if (y >= 0)
                        cairo_move_to(plot->cairo, x, y);
                drawn_at = y;
        }
        if (drawn_at >= 0)
                cairo_line_to(plot->cairo, WIDTH - RIGHT, drawn_at);
        canvas_set_colour(plot->cairo, colour, 1);
        cairo_set_line_width(plot->cairo, 2);
        canvas_set_dash(plot->cairo, dash);
        cairo_stroke(plot->cairo);
        canvas_set_dash(plot->cairo, 0);
}

/* Where the kernel has killed since the sample before; returns how often. Of marks that would lie upon each
 * other there is one. */
static guint64 draw_oom_kills(const Plot *plot) {
        guint64 first = 0, seen = 0;
        double marked_at = -MARK_WIDTH;

        for (guint i = 0; i < plot->series->items->len; i++) {
                const Sample *sample = series_item(plot->series, i);
                double x = x_of(plot, MIN((double) sample->at_usec, plot->duration));

                if (sample->oom_kills == SIZE_UNKNOWN)
                        return 0;
                if (i == 0)
                        first = seen = sample->oom_kills;
                if (sample->oom_kills <= seen)
                        continue;
                seen = sample->oom_kills;
                if (x - marked_at < MARK_WIDTH)
                        continue;
                marked_at = x;
                canvas_set_colour(plot->cairo, LIMIT, 0.5);
                canvas_line(plot->cairo, x, TOP, x, TOP + INNER_HEIGHT, 1, 3);
                canvas_cross(plot->cairo, x, TOP, LIMIT);
        }

        return seen - first;
}

static void draw(Plot *plot) {
        guint64 n_oom_kills;

        canvas_set_colour(plot->cairo, 0xffffff, 1);
        cairo_paint(plot->cairo);
        scale(plot);
        draw_head(plot);
        draw_size_axis(plot);
        draw_area(plot, offsetof(Sample, usage), USAGE, USAGE_EDGE);
        draw_area(plot, offsetof(Sample, working_set), WORKING_SET, WORKING_SET_EDGE);
        draw_limit(plot, offsetof(Sample, high_limit), HIGH, HIGH_DASH);
        draw_limit(plot, offsetof(Sample, limit), LIMIT, LIMIT_DASH);
        n_oom_kills = draw_oom_kills(plot);
        draw_time_axis(plot);
        legend_draw(plot->cairo,
                    &(Legend) {
                            .left = LEFT,
                            .right = WIDTH - RIGHT,
                            .after = plot->outcome->after,
                            .top = plot->top,
                            .n_oom_kills = n_oom_kills,
                    });
}

static cairo_status_t write_some(void *file, const unsigned char *data, unsigned length) {
        return fwrite(data, 1, length, file) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int plot_write(const Outcome *outcome, PlotFormat format, FILE *file) {
        Plot plot = { .outcome = outcome, .series = outcome->series };
        cairo_surface_t *surface;
        cairo_status_t status;

        surface = format == PLOT_SVG ?
                cairo_svg_surface_create_for_stream(write_some, file, WIDTH, HEIGHT) :
                cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH * PNG_SCALE, HEIGHT * PNG_SCALE);
        plot.cairo = cairo_create(surface);
        if (format == PLOT_PNG)
                cairo_scale(plot.cairo, PNG_SCALE, PNG_SCALE);
        draw(&plot);
        status = cairo_status(plot.cairo);
        cairo_destroy(plot.cairo);
        if (status == CAIRO_STATUS_SUCCESS && format == PLOT_PNG)
                status = cairo_surface_write_to_png_stream(surface, write_some, file);
        cairo_surface_finish(surface);
        if (status == CAIRO_STATUS_SUCCESS)
                status = cairo_surface_status(surface);
        cairo_surface_destroy(surface);
        return status == CAIRO_STATUS_SUCCESS ? 0 : status == CAIRO_STATUS_NO_MEMORY ? -ENOMEM : -EIO;
}
