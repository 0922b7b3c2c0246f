/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "picture.h"

typedef struct Text {
        char *data;
        size_t size;
        size_t read;
} Text;

static cairo_status_t read_some(void *userdata, unsigned char *data, unsigned length) {
        Text *text = userdata;

        if (text->size - text->read < length)
                return CAIRO_STATUS_READ_ERROR;
        memcpy(data, text->data + text->read, length);
        text->read += length;
        return CAIRO_STATUS_SUCCESS;
}

void picture_of(cairo_surface_t *surface, Picture *ret) {
        g_assert_cmpint(cairo_surface_status(surface), ==, CAIRO_STATUS_SUCCESS);
        cairo_surface_flush(surface);
        *ret = (Picture) {
                .surface = surface,
                .data = cairo_image_surface_get_data(surface),
                .width = cairo_image_surface_get_width(surface),
                .height = cairo_image_surface_get_height(surface),
                .stride = cairo_image_surface_get_stride(surface),
        };
}

void picture_take(const Outcome *outcome, Picture *ret) {
        Text text = { 0 };
        FILE *file = open_memstream(&text.data, &text.size);

        g_assert_nonnull(file);
        g_assert_cmpint(plot_write(outcome, PLOT_PNG, file), ==, 0);
        g_assert_cmpint(fclose(file), ==, 0);
        picture_of(cairo_image_surface_create_from_png_stream(read_some, &text), ret);
        free(text.data);
}

void picture_done(Picture *picture) {
        cairo_surface_destroy(picture->surface);
}

guint32 picture_pixel(const Picture *picture, int x, int y) {
        guint32 value;

        memcpy(&value, picture->data + (ptrdiff_t) y * picture->stride + (ptrdiff_t) x * 4, sizeof(value));
        return value & 0xffffff;
}

int picture_count(const Picture *picture, guint32 colour, int from, int to, int y) {
        int n = 0;

        for (int x = from; x < to; x++)
                n += picture_pixel(picture, x, y - 1) == colour || picture_pixel(picture, x, y) == colour ||
                        picture_pixel(picture, x, y + 1) == colour;
        return n;
}

int picture_count_ink(const Picture *picture, int from_x, int from_y, int to_x, int to_y) {
        int n = 0;

        for (int y = from_y; y < to_y; y++)
                for (int x = from_x; x < to_x; x++)
                        n += picture_pixel(picture, x, y) != 0xffffff;
        return n;
}
