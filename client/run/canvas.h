/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

/* Strokes, areas and words on a picture; lengths are its points, colours are 0xRRGGBB. */

typedef enum CanvasAlign {
        CANVAS_LEFT,
        CANVAS_CENTRE,
        CANVAS_RIGHT,
} CanvasAlign;

typedef struct CanvasFont {
        double size;
        guint32 colour;
        gboolean is_bold;
} CanvasFont;

void canvas_set_colour(cairo_t *cairo, guint32 colour, double opacity);

/* What is drawn from here on is dashed; or, with 0, it is not. */
void canvas_set_dash(cairo_t *cairo, double dash);

/* A straight line, dashed if 'dash' is not 0. */
void canvas_line(
        cairo_t *cairo, double from_x, double from_y, double to_x, double to_y, double width, double dash);

/* A mark in the form of a cross. */
void canvas_cross(cairo_t *cairo, double x, double y, guint32 colour);

/* Writes words whose base line is at 'y'; cuts what is wider than 'width', unless that is 0. Returns how
 * wide they are. */
double canvas_text(cairo_t *cairo,
                   const CanvasFont *font,
                   CanvasAlign align,
                   double x,
                   double y,
                   double width,
                   const char *text);
