/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "check.h"
#include "layout.h"

#define SIZE_FIRST 4408

static void test_valid(void) {
        static struct mymem figures;

        g_assert_false(layout_is_valid(NULL, sizeof(figures)));
        g_assert_false(layout_is_valid(&figures, 0));
        g_assert_false(layout_is_valid(&figures, SIZE_FIRST - 1));
        g_assert_true(layout_is_valid(&figures, SIZE_FIRST));
        g_assert_true(layout_is_valid(&figures, SIZE_FIRST + 800));
}

/* Nothing beyond the caller's size is written, and all up to there is. */
static void test_copy(void) {
        static const size_t sizes[] = { SIZE_FIRST, SIZE_FIRST + 8, SIZE_FIRST + 64 };
        struct mymem figures;

        memset(&figures, 7, sizeof(figures));
        for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
                union {
                        struct mymem figures;
                        unsigned char bytes[SIZE_FIRST + 128];
                } caller;
                g_autofree char *about = g_strdup_printf("size %zu", sizes[i]);

                memset(&caller, 9, sizeof(caller));
                layout_copy(&figures, &caller.figures, sizes[i]);
                for (size_t n = 0; n < sizeof(caller); n++)
                        if (!check_number(about,
                                          caller.bytes[n],
                                          n < SIZE_FIRST       ? 7 :
                                                  n < sizes[i] ? 0xff :
                                                                 9))
                                break;
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/layout/valid", test_valid);
        g_test_add_func("/layout/copy", test_copy);
        return g_test_run();
}
