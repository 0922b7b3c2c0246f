/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "picture.h"
#include "size.h"

/* The picture, looked at as one: what colour is where. It is 1200 points wide and 640 high, two pixels each;
 * the axes are 92 from the left, 36 from the right, 124 from above and 66 from below. */

#define MIB (UINT64_C(1) << 20)
#define SECOND UINT64_C(1000000)
#define LEFT 92.0
#define TOP 124.0
#define WIDTH 1072.0
#define HEIGHT 450.0

/* A command that was run in a scope, and what was sampled; the limits are those of the last sample. */
typedef struct Case {
        char *arguments[3];
        Snapshot after;
        Command command;
        Place place;
        Outcome outcome;
} Case;

static void case_init(Case *ret,
                      const char *command_line,
                      const char *group,
                      const Series *series,
                      guint64 duration_usec) {
        const Sample *last = series_item(series, series->items->len - 1);

        *ret = (Case) {
                .arguments = { (char *) command_line, (char *) "-j4", NULL },
                .after = { .limit = last->limit,
                           .limit_by = (char *) group,
                           .high_limit = last->high_limit,
                           .high_limit_by = (char *) group,
                           .peak = series->usage },
                .command = { .has_ended = true },
                .place = { .kind = PLACE_SCOPE, .unit = (char *) "a.scope" },
        };
        ret->outcome = (Outcome) {
                .arguments = ret->arguments,
                .command = &ret->command,
                .place = &ret->place,
                .control_group = (char *) "/a.scope",
                .series = series,
                .before = &ret->after,
                .after = &ret->after,
                .is_final = TRUE,
                .duration_usec = duration_usec,
        };
}

/* 10 s: 10 MiB more each second, half of it working set, up to 50 MiB; the limit is 80 MiB, high is 60 MiB,
 * and after 6 s a process is killed. */
static void draw_named(
        char *command_line, const char *group, guint64 limit, guint64 high, gboolean has_oom, Picture *ret) {
        g_autoptr(Series) series = series_new();
        Case drawn;

        for (guint64 i = 0; i <= 10; i++)
                series_add(series,
                           &(Sample) {
                                   .at_usec = i * SECOND,
                                   .usage = MIN(i, 5) * 10 * MIB,
                                   .working_set = MIN(i, 5) * 5 * MIB,
                                   .limit = limit,
                                   .high_limit = high,
                                   .oom_kills = has_oom && i >= 6 ? 1 : 0,
                           });
        case_init(&drawn, command_line, group, series, 10 * SECOND);
        picture_take(&drawn.outcome, ret);
}

static void draw(guint64 limit, guint64 high, gboolean has_oom, Picture *ret) {
        draw_named((char *) "make", (char *) "/a.scope", limit, high, has_oom, ret);
}

/* Where a moment and a size are on it, in pixels; the axis ends at 'top'. */
static int x_of(double seconds) {
        return (int) (2 * (LEFT + seconds / 10 * WIDTH));
}

static int y_of(double mebibytes, double top) {
        return (int) (2 * (TOP + HEIGHT - mebibytes / top * HEIGHT));
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
        working_set = picture_pixel(&picture, x_of(8.1), y_of(15, 100));
        usage = picture_pixel(&picture, x_of(8.1), y_of(35, 100));
        check_true("working set", is_blue(working_set));
        check_true("usage", is_blue(usage));
        check_true("they differ", working_set < usage); /* darker */
        check_number("above", picture_pixel(&picture, x_of(8.1), y_of(65, 100)), 0xffffff);
        /* At 2 s there are 10 and 20. */
        check_number("earlier", picture_pixel(&picture, x_of(2.05), y_of(5, 100)), working_set);
        check_number("earlier", picture_pixel(&picture, x_of(2.05), y_of(15, 100)), usage);
        check_number("earlier", picture_pixel(&picture, x_of(2.05), y_of(35, 100)), 0xffffff);
        picture_done(&picture);
}

static void test_limits(void) {
        Picture near, far;
        int from = x_of(0), to = x_of(10);

        draw(80 * MIB, 60 * MIB, FALSE, &near);
        /* Dashed: some of it, and not all. */
        check_true("limit", picture_count(&near, RED, from, to, y_of(80, 100)) > (to - from) / 3);
        check_true("dashed", picture_count(&near, RED, from, to, y_of(80, 100)) < (to - from) * 4 / 5);
        check_true("high", picture_count(&near, ORANGE, from, to, y_of(60, 100)) > (to - from) / 3);
        check_number("no other", picture_count(&near, RED, from, to, y_of(70, 100)), 0);
        picture_done(&near);

        /* One that is far away is named, and everything else is not made flat for it. */
        draw(UINT64_C(64) << 30, SIZE_UNLIMITED, FALSE, &far);
        for (int y = (int) (2 * TOP); y < (int) (2 * (TOP + HEIGHT)); y += 2)
                check_number("far", picture_count(&far, RED, from, to, y), 0);
        check_true("in the legend", picture_count(&far, RED, 0, far.width, 179) > 20);
        check_true("not flat", is_blue(picture_pixel(&far, x_of(8.1), y_of(45, 60))));
        picture_done(&far);
}

static void test_oom(void) {
        Picture with, without;
        int x = x_of(6);

        draw(80 * MIB, SIZE_UNLIMITED, TRUE, &with);
        draw(80 * MIB, SIZE_UNLIMITED, FALSE, &without);
        check_true("cross", picture_count(&with, RED, x - 10, x + 10, (int) (2 * TOP)) > 2);
        check_number("none", picture_count(&without, RED, x - 10, x + 10, (int) (2 * TOP)), 0);
        check_number("none elsewhere", picture_count(&with, RED, x_of(7), x_of(9), (int) (2 * TOP)), 0);
        picture_done(&with);
        picture_done(&without);
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
                        picture_count_ink(
                                &picture, cases[i].from_x, cases[i].from_y, cases[i].to_x, cases[i].to_y) >
                                20);
        check_number("margin", picture_count_ink(&picture, 0, 0, 2400, 30), 0);
        check_number("margin", picture_count_ink(&picture, 0, 1256, 2400, 1280), 0);
        check_number("margin", picture_count_ink(&picture, 2360, 300, 2400, 1100), 0);
        picture_done(&picture);
}

/* However long the names are, the margin is free, and all that there is has its mark. */
static void test_long(void) {
        g_autofree char *many = g_strnfill(120 * 1024, 'x');
        g_autofree char *group = g_strconcat("/mymem-run-", "1234567-89abcdef-0123456789abcdef.scope", NULL);
        Picture picture;

        draw_named(many, group, 80 * MIB, 60 * MIB, TRUE, &picture);
        check_number("margin", picture_count_ink(&picture, 2400 - 2 * 36 + 8, 0, 2400, 230), 0);
        check_true("title", picture_count_ink(&picture, 184, 44, 2300, 90) > 20);
        check_true("kills", picture_count(&picture, RED, 0, 2300, 171) > 2);
        check_true("limit", picture_count(&picture, RED, 0, 2300, 179) > 20);
        check_true("high", picture_count(&picture, ORANGE, 0, 2300, 179) > 20);
        picture_done(&picture);
}

/* Half a million samples, one each 20 µs, up and down, and 20 kills: as much of that is in a file as can
 * be seen, and a spike that only one sample had is in it. */
static void test_many(void) {
        g_autoptr(Series) series = series_new();
        Picture picture;
        guint n_points = 0, n_blue = 0;
        char *data = NULL;
        size_t size;
        FILE *file;
        Case drawn;

        for (guint64 i = 0; i < 500000; i++)
                series_add(series,
                           &(Sample) {
                                   .at_usec = i * 20,
                                   .usage = (i == 250001 ? 90 : 20 + i / 100 * 7919 % 31) * MIB,
                                   .working_set = (10 + i / 100 * 104729 % 7) * MIB,
                                   .limit = 80 * MIB,
                                   .high_limit = 60 * MIB,
                                   .oom_kills = i / 25000,
                           });
        case_init(&drawn, "make", "/a.scope", series, 10 * SECOND);
        file = open_memstream(&data, &size);
        g_assert_nonnull(file);
        check_number("written", plot_write(&drawn.outcome, PLOT_SVG, file), 0);
        g_assert_cmpint(fclose(file), ==, 0);
        g_test_message("%zu bytes", size);
        check_true("an SVG", g_str_has_prefix(data, "<?xml") && g_str_has_suffix(data, "</svg>\n"));
        check_true("not large", size < 150000);
        /* Four lines, each with no more points than there are columns, and a few for what else there is. */
        for (const char *point = strstr(data, "</defs>"); point && (point = strstr(point, " L ")); point++)
                n_points++;
        g_test_message("%u points", n_points);
        check_true("no more points than columns", n_points > 1000 && n_points < 4 * WIDTH + 1000);
        free(data);

        picture_take(&drawn.outcome, &picture);
        for (int x = x_of(5) - 6; x <= x_of(5) + 6; x++)
                n_blue += is_blue(picture_pixel(&picture, x, y_of(85, 100)));
        check_true("the spike", n_blue > 0);
        check_true("what is beside it",
                   !is_blue(picture_pixel(&picture, x_of(5.02), y_of(84, 100))) &&
                           !is_blue(picture_pixel(&picture, x_of(4.98), y_of(84, 100))));
        picture_done(&picture);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/plot/areas", test_areas);
        g_test_add_func("/plot/limits", test_limits);
        g_test_add_func("/plot/oom", test_oom);
        g_test_add_func("/plot/labels", test_labels);
        g_test_add_func("/plot/long", test_long);
        g_test_add_func("/plot/many", test_many);
        return g_test_run();
}
