/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>

#include "handouts.h"

#define MIB ((size_t) 1024 * 1024)

/* Who took most is to blame, be it descriptors or bytes. */
static void test_most(void) {
        static const struct {
                size_t first, second;
                uid_t blamed;
        } cases[] = {
                { 64 * HANDOUTS_DESCRIPTOR_SIZE, MIB, 1 },
                { 30 * HANDOUTS_DESCRIPTOR_SIZE, 127 * MIB, 2 },
                { 127 * MIB, 62 * HANDOUTS_DESCRIPTOR_SIZE, 1 },
                { 32 * HANDOUTS_DESCRIPTOR_SIZE, 0, 1 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                Handouts *handouts = handouts_new();
                uid_t uid = 99;

                /* In small pieces, as they go. */
                for (unsigned n = 0; n < 64; n++) {
                        handouts_add(handouts, 1, cases[i].first / 64);
                        handouts_add(handouts, 2, cases[i].second / 64);
                }
                g_assert_true(handouts_may_have(handouts, 1));
                g_assert_true(handouts_may_have(handouts, 2));
                g_assert_true(handouts_blame(handouts, &uid));
                g_assert_cmpuint(uid, ==, cases[i].blamed);
                g_assert_false(handouts_may_have(handouts, uid));
                g_assert_true(handouts_may_have(handouts, 3 - uid));

                /* It is counted anew. */
                g_assert_false(handouts_blame(handouts, &uid));
                handouts_free(handouts);
        }
}

/* So little stops no bus. */
static void test_little(void) {
        Handouts *handouts = handouts_new();
        uid_t uid = 99;

        g_assert_false(handouts_blame(handouts, &uid));
        handouts_add(handouts, 1, 31 * HANDOUTS_DESCRIPTOR_SIZE);
        g_assert_false(handouts_blame(handouts, &uid));
        g_assert_cmpuint(uid, ==, 99);
        g_assert_true(handouts_may_have(handouts, 1));
        handouts_free(handouts);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/handouts/most", test_most);
        g_test_add_func("/handouts/little", test_little);
        return g_test_run();
}
