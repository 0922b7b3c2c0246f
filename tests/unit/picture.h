/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

#include "plot.h"

/* A picture, looked at as one: what colour is where. There are two pixels for each of its points. */

#define RED 0xc81e3a    /* a limit, an OOM kill */
#define ORANGE 0xd9822b /* high */

typedef struct Picture {
        cairo_surface_t *surface;
        const unsigned char *data;
        int width, height, stride;
} Picture;

/* Looks at an image surface, which becomes the picture's. */
void picture_of(cairo_surface_t *surface, Picture *ret);

/* Has the outcome drawn as a PNG, and reads that. */
void picture_take(const Outcome *outcome, Picture *ret);
void picture_done(Picture *picture);

guint32 picture_pixel(const Picture *picture, int x, int y);

/* How many pixels of that colour there are from one column to another, at that height or a line beside it.
 */
int picture_count(const Picture *picture, guint32 colour, int from, int to, int y);

/* Anything but white within a part of it. */
int picture_count_ink(const Picture *picture, int from_x, int from_y, int to_x, int to_y);
