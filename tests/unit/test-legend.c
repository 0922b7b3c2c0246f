/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "check.h"
#include "legend.h"
#include "palette.h"
#include "picture.h"
#include "size.h"

/* The legend alone, drawn from x = 50 to 1150 where nothing else is, a pixel for each point: what is in it
 * and what is not, and that nothing lies upon anything else. */

#define LEFT 50
#define RIGHT 1150
#define MIDDLE (LEGEND_Y - 5)
#define GAP 14 /* columns without ink, between two entries; between two words there are fewer */

#define MIB (UINT64_C(1) << 20)

static void draw(const Snapshot *after, guint64 n_oom_kills, Picture *ret) {
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1200, 120);
        cairo_t *cairo = cairo_create(surface);
        Legend legend = {
                .left = LEFT, .right = RIGHT, .after = after, .top = 100.0 * MIB, .n_oom_kills = n_oom_kills
        };

        cairo_set_source_rgb(cairo, 1, 1, 1);
        cairo_paint(cairo);
        legend_draw(cairo, &legend);
        cairo_destroy(cairo);
        picture_of(surface, ret);
}

/* The entries: what is apart from the others. Returns how many, and where each begins and ends. */
static guint find_entries(const Picture *picture, int *begin, int *end, guint n_most) {
        int last = -GAP;
        guint n = 0;

        for (int x = 0; x < picture->width; x++) {
                if (picture_count_ink(picture, x, 0, x + 1, picture->height) == 0)
                        continue;
                if (x - last >= GAP && n < n_most)
                        begin[n++] = x;
                if (n > 0)
                        end[n - 1] = x + 1;
                last = x;
        }

        return n;
}

static void test_entries(void) {
        char group[] = "/system.slice/build.scope",
             name[] = "/system.slice/mymem-run-1234567-89abcdef-with-a-name-that-has-no-end.scope";
        const Snapshot one = { .limit = 80 * MIB, .limit_by = group, .high_limit = SIZE_UNLIMITED };
        const Snapshot both = {
                .limit = 80 * MIB, .limit_by = group, .high_limit = 60 * MIB, .high_limit_by = group
        };
        const Snapshot far = { .limit = 8000 * MIB, .limit_by = group, .high_limit = SIZE_UNLIMITED };
        const Snapshot long_names = {
                .limit = 8000 * MIB, .limit_by = name, .high_limit = 6000 * MIB, .high_limit_by = name
        };
        const struct {
                const char *about;
                const Snapshot *after;
                guint64 n_oom_kills;
                guint n_entries;
                gboolean has_kill, has_limit, has_high;
        } cases[] = {
                { "nothing is known", NULL, 0, 2, FALSE, FALSE, FALSE },
                { "kills", NULL, 12, 3, TRUE, FALSE, FALSE },
                { "a limit", &one, 0, 3, FALSE, TRUE, FALSE },
                { "two limits", &both, 0, 4, FALSE, TRUE, TRUE },
                { "all", &both, 1, 5, TRUE, TRUE, TRUE },
                { "a limit beyond the picture", &far, 0, 3, FALSE, TRUE, FALSE },
                { "long names", &long_names, 123456789, 5, TRUE, TRUE, TRUE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                guint limit = 2 + cases[i].has_kill, high = limit + cases[i].has_limit, n;
                int begin[8] = { 0 }, end[8] = { 0 };
                Picture picture;

                draw(cases[i].after, cases[i].n_oom_kills, &picture);
                n = find_entries(&picture, begin, end, G_N_ELEMENTS(begin));
                check_number(cases[i].about, n, cases[i].n_entries);
                check_true(cases[i].about, begin[0] >= LEFT - 1 && end[n - 1] <= RIGHT);
                check_number(cases[i].about, picture_count_ink(&picture, 0, 0, 1200, LEGEND_Y - 14), 0);
                check_number(cases[i].about, picture_count_ink(&picture, 0, LEGEND_Y + 5, 1200, 120), 0);
                check_number(cases[i].about,
                             picture_count(&picture, LIMIT, begin[2], begin[2] + 12, MIDDLE) > 0,
                             cases[i].has_kill || cases[i].has_limit);
                if (cases[i].has_limit)
                        check_true(cases[i].about,
                                   picture_count(&picture, LIMIT, begin[limit], begin[limit] + 24, MIDDLE) >
                                           12);
                if (cases[i].has_high)
                        check_true(cases[i].about,
                                   picture_count(&picture, HIGH, begin[high], begin[high] + 24, MIDDLE) > 6);
                else
                        check_number(cases[i].about, picture_count(&picture, HIGH, 0, 1200, MIDDLE), 0);
                picture_done(&picture);
        }
}

/* The grey that a colour is printed as, of 255. */
static double grey(guint32 colour) {
        return 0.299 * (colour >> 16 & 0xff) + 0.587 * (colour >> 8 & 0xff) + 0.114 * (colour & 0xff);
}

/* Without colours, too, one is told from another: areas by how dark they are, lines by that or their dashes.
 */
static void test_grey(void) {
        Picture picture;
        guint32 working_set, usage;
        int begin[2], end[2];

        draw(NULL, 0, &picture);
        check_number("entries", find_entries(&picture, begin, end, 2), 2);
        working_set = picture_pixel(&picture, begin[0] + 8, MIDDLE);
        usage = picture_pixel(&picture, begin[1] + 8, MIDDLE);
        check_true("areas", grey(usage) - grey(working_set) > 40);
        check_true("paper", 255 - grey(usage) > 30);
        check_true("limits", grey(HIGH) - grey(LIMIT) > 40);
        check_true("on an area", grey(working_set) - grey(LIMIT) > 40);
        check_true("dashes", LIMIT_DASH >= 2 * HIGH_DASH);
        picture_done(&picture);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/legend/entries", test_entries);
        g_test_add_func("/legend/grey", test_grey);
        return g_test_run();
}
