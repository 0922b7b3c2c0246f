/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "canvas.h"

void canvas_set_colour(cairo_t *cairo, guint32 colour, double opacity) {
        cairo_set_source_rgba(cairo,
                              (colour >> 16 & 0xff) / 255.0,
                              (colour >> 8 & 0xff) / 255.0,
                              (colour & 0xff) / 255.0,
                              opacity);
}

void canvas_set_dash(cairo_t *cairo, double dash) {
        const double dashes[] = { dash, dash * 0.6 };

        cairo_set_dash(cairo, dashes, dash > 0 ? 2 : 0, 0);
}

void canvas_line(
        cairo_t *cairo, double from_x, double from_y, double to_x, double to_y, double width, double dash) {
        cairo_set_line_width(cairo, width);
        canvas_set_dash(cairo, dash);
        cairo_move_to(cairo, from_x, from_y);
        cairo_line_to(cairo, to_x, to_y);
        cairo_stroke(cairo);
        canvas_set_dash(cairo, 0);
}

void canvas_cross(cairo_t *cairo, double x, double y, guint32 colour) {
        canvas_set_colour(cairo, colour, 1);
        canvas_line(cairo, x - 5, y - 5, x + 5, y + 5, 2.6, 0);
        canvas_line(cairo, x - 5, y + 5, x + 5, y - 5, 2.6, 0);
}

static double measure(cairo_t *cairo, const char *text) {
        cairo_text_extents_t extents;

        cairo_text_extents(cairo, text, &extents);
        return extents.x_advance;
}

/* So many letters from the beginning, with an ellipsis. */
static char *cut(const char *text, glong n) {
        g_autofree char *start = g_utf8_substring(text, 0, n);

        return g_strconcat(start, "…", NULL);
}

/* The longest beginning that fits. To measure takes as long as the text is, which may be that of a whole
 * command line: how many letters there is room for is found by halves. */
static char *fit(cairo_t *cairo, const char *text, double width) {
        glong fits = 0, too_many = g_utf8_strlen(text, -1);

        if (width <= 0 || measure(cairo, text) <= width)
                return g_strdup(text);

        while (too_many - fits > 1) {
                glong n = fits + (too_many - fits) / 2;
                g_autofree char *tried = cut(text, n);

                if (measure(cairo, tried) <= width)
                        fits = n;
                else
                        too_many = n;
        }

        return cut(text, fits);
}

double canvas_text(cairo_t *cairo,
                   const CanvasFont *font,
                   CanvasAlign align,
                   double x,
                   double y,
                   double width,
                   const char *text) {
        g_autofree char *fitted = NULL;
        double taken;

        cairo_select_font_face(cairo,
                               "sans-serif",
                               CAIRO_FONT_SLANT_NORMAL,
                               font->is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(cairo, font->size);
        fitted = fit(cairo, text, width);
        taken = measure(cairo, fitted);
        canvas_set_colour(cairo, font->colour, 1);
        cairo_move_to(cairo,
                      align == CANVAS_LEFT          ? x :
                              align == CANVAS_RIGHT ? x - taken :
                                                      x - taken / 2,
                      y);
        cairo_show_text(cairo, fitted);
        return taken;
}
