/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <cairo.h>
#include <string.h>

#include "check.h"
#include "plot.h"
#include "size.h"

/* The picture, looked at as one: what colour is where. It is 1200 points wide and 640 high, two pixels each;
 * the axes are 92 from the left, 36 from the right, 124 from above and 66 from below. */

#define MIB (UINT64_C(1) << 20)
#define SECOND UINT64_C(1000000)
#define LEFT 92.0
#define TOP 124.0
#define WIDTH 1072.0
#define HEIGHT 450.0

#define RED 0xc81e3a    /* a limit, an OOM kill */
#define ORANGE 0xd9822b /* high */

typedef struct Picture {
        cairo_surface_t *surface;
        const unsigned char *data;
        int width, height, stride;
} Picture;

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

/* 10 s: 10 MiB more each second, half of it working set, up to 50 MiB; the limit is 80 MiB, high is 60 MiB,
 * and after 6 s a process is killed. */
static void draw_named(
        char *command_line, const char *group, guint64 limit, guint64 high, gboolean has_oom, Picture *ret) {
        char *arguments[] = { command_line, (char *) "-j4", NULL };
        g_autoptr(Series) series = series_new();
        Snapshot after = { .limit = limit,
                           .limit_by = (char *) group,
                           .high_limit = high,
                           .high_limit_by = (char *) group,
                           .peak = 50 * MIB };
        Command command = { .has_ended = true };
        Place place = { .kind = PLACE_SCOPE, .unit = (char *) "a.scope" };
        Outcome outcome = {
                .arguments = arguments,
                .command = &command,
                .place = &place,
                .control_group = (char *) "/a.scope",
                .series = series,
                .before = &after,
                .after = &after,
                .is_final = TRUE,
                .duration_usec = 10 * SECOND,
        };
        Text text = { 0 };
        FILE *file = open_memstream(&text.data, &text.size);

        for (guint64 i = 0; i <= 10; i++) {
                Sample sample = {
                        .at_usec = i * SECOND,
                        .usage = MIN(i, 5) * 10 * MIB,
                        .working_set = MIN(i, 5) * 5 * MIB,
                        .limit = limit,
                        .high_limit = high,
                        .oom_kills = has_oom && i >= 6 ? 1 : 0,
                };

                series_add(series, &sample);
        }
        g_assert_nonnull(file);
        g_assert_cmpint(plot_write(&outcome, PLOT_PNG, file), ==, 0);
        g_assert_cmpint(fclose(file), ==, 0);

        ret->surface = cairo_image_surface_create_from_png_stream(read_some, &text);
        g_assert_cmpint(cairo_surface_status(ret->surface), ==, CAIRO_STATUS_SUCCESS);
        ret->data = cairo_image_surface_get_data(ret->surface);
        ret->width = cairo_image_surface_get_width(ret->surface);
        ret->height = cairo_image_surface_get_height(ret->surface);
        ret->stride = cairo_image_surface_get_stride(ret->surface);
        free(text.data);
}

static void draw(guint64 limit, guint64 high, gboolean has_oom, Picture *ret) {
        draw_named((char *) "make", (char *) "/a.scope", limit, high, has_oom, ret);
}

static guint32 pixel(const Picture *picture, int x, int y) {
        guint32 value;

        memcpy(&value, picture->data + (ptrdiff_t) y * picture->stride + (ptrdiff_t) x * 4, sizeof(value));
        return value & 0xffffff;
}

/* Where a moment and a size are on it, in pixels; the axis ends at 'top'. */
static int x_of(double seconds) {
        return (int) (2 * (LEFT + seconds / 10 * WIDTH));
}

static int y_of(double mebibytes, double top) {
        return (int) (2 * (TOP + HEIGHT - mebibytes / top * HEIGHT));
}

/* How many pixels of that colour there are from one column to another, at that height or a line beside it.
 */
static int count(const Picture *picture, guint32 colour, int from, int to, int y) {
        int n = 0;

        for (int x = from; x < to; x++)
                n += pixel(picture, x, y - 1) == colour || pixel(picture, x, y) == colour ||
                        pixel(picture, x, y + 1) == colour;
        return n;
}

/* Anything but white within a part of it. */
static int count_ink(const Picture *picture, int from_x, int from_y, int to_x, int to_y) {
        int n = 0;

        for (int y = from_y; y < to_y; y++)
                for (int x = from_x; x < to_x; x++)
                        n += pixel(picture, x, y) != 0xffffff;
        return n;
}

static gboolean is_blue(guint32 colour) {
        return (colour & 0xff) > (colour >> 16) + 30;
}

static void test_areas(void) {
        Picture picture;
        guint32 usage, working_set;

        draw(80 * MIB, SIZE_UNLIMITED, FALSE, &picture);
        g_assert_cmpint(picture.width, ==, 2400);
        g_assert_cmpint(picture.height, ==, 1280);
        /* At 8 s: 25 MiB, 50 MiB, and nothing above. 84 MiB are wanted, so the axis ends at 100. */
        working_set = pixel(&picture, x_of(8.1), y_of(15, 100));
        usage = pixel(&picture, x_of(8.1), y_of(35, 100));
        check_true("working set", is_blue(working_set));
        check_true("usage", is_blue(usage));
        check_true("they differ", working_set < usage); /* darker */
        check_number("above", pixel(&picture, x_of(8.1), y_of(65, 100)), 0xffffff);
        /* At 2 s there are 10 and 20. */
        check_number("earlier", pixel(&picture, x_of(2.05), y_of(5, 100)), working_set);
        check_number("earlier", pixel(&picture, x_of(2.05), y_of(15, 100)), usage);
        check_number("earlier", pixel(&picture, x_of(2.05), y_of(35, 100)), 0xffffff);
        cairo_surface_destroy(picture.surface);
}

static void test_limits(void) {
        Picture near, far;
        int from = x_of(0), to = x_of(10);

        draw(80 * MIB, 60 * MIB, FALSE, &near);
        /* Dashed: some of it, and not all. */
        check_true("limit", count(&near, RED, from, to, y_of(80, 100)) > (to - from) / 3);
        check_true("dashed", count(&near, RED, from, to, y_of(80, 100)) < (to - from) * 4 / 5);
        check_true("high", count(&near, ORANGE, from, to, y_of(60, 100)) > (to - from) / 3);
        check_number("no other", count(&near, RED, from, to, y_of(70, 100)), 0);
        cairo_surface_destroy(near.surface);

        /* One that is far away is named, and everything else is not made flat for it. */
        draw(UINT64_C(64) << 30, SIZE_UNLIMITED, FALSE, &far);
        for (int y = (int) (2 * TOP); y < (int) (2 * (TOP + HEIGHT)); y += 2)
                check_number("far", count(&far, RED, from, to, y), 0);
        check_true("in the legend", count(&far, RED, 0, far.width, 179) > 20);
        check_true("not flat", is_blue(pixel(&far, x_of(8.1), y_of(45, 60))));
        cairo_surface_destroy(far.surface);
}

static void test_oom(void) {
        Picture with, without;
        int x = x_of(6);

        draw(80 * MIB, SIZE_UNLIMITED, TRUE, &with);
        draw(80 * MIB, SIZE_UNLIMITED, FALSE, &without);
        check_true("cross", count(&with, RED, x - 10, x + 10, (int) (2 * TOP)) > 2);
        check_number("none", count(&without, RED, x - 10, x + 10, (int) (2 * TOP)), 0);
        check_number("none elsewhere", count(&with, RED, x_of(7), x_of(9), (int) (2 * TOP)), 0);
        cairo_surface_destroy(with.surface);
        cairo_surface_destroy(without.surface);
}

/* Title, legend, the numbers on both axes and their units are there. */
static void test_labels(void) {
        static const struct {
                const char *about;
                int from_x, from_y, to_x, to_y;
        } cases[] = {
                { "title", 184, 44, 320, 90 },
                { "subtitle", 184, 104, 600, 136 },
                { "legend", 230, 166, 600, 194 },
                { "unit of sizes", 110, 200, 170, 226 },
                { "largest size", 110, 236, 170, 260 },
                { "0", 110, 1136, 170, 1160 },
                { "0 s", 174, 1170, 194, 1196 },
                { "10 s", 2310, 1170, 2340, 1196 },
                { "unit of time", 1200, 1220, 1320, 1250 },
        };
        Picture picture;

        draw(80 * MIB, SIZE_UNLIMITED, FALSE, &picture);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                check_true(
                        cases[i].about,
                        count_ink(&picture, cases[i].from_x, cases[i].from_y, cases[i].to_x, cases[i].to_y) >
                                20);
        check_number("margin", count_ink(&picture, 0, 0, 2400, 30), 0);
        check_number("margin", count_ink(&picture, 0, 1256, 2400, 1280), 0);
        check_number("margin", count_ink(&picture, 2360, 300, 2400, 1100), 0);
        cairo_surface_destroy(picture.surface);
}

/* However long the names are, the margin is free, and all that there is has its mark. */
static void test_long(void) {
        g_autofree char *many = g_strnfill(120 * 1024, 'x');
        g_autofree char *group = g_strconcat("/mymem-run-", "1234567-89abcdef-0123456789abcdef.scope", NULL);
        Picture picture;

        draw_named(many, group, 80 * MIB, 60 * MIB, TRUE, &picture);
        check_number("margin", count_ink(&picture, 2400 - 2 * 36 + 8, 0, 2400, 230), 0);
        check_true("title", count_ink(&picture, 184, 44, 2300, 90) > 20);
        check_true("kills", count(&picture, RED, 0, 2300, 171) > 2);
        check_true("limit", count(&picture, RED, 0, 2300, 179) > 20);
        check_true("high", count(&picture, ORANGE, 0, 2300, 179) > 20);
        cairo_surface_destroy(picture.surface);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/plot/areas", test_areas);
        g_test_add_func("/plot/limits", test_limits);
        g_test_add_func("/plot/oom", test_oom);
        g_test_add_func("/plot/labels", test_labels);
        g_test_add_func("/plot/long", test_long);
        return g_test_run();
}
