/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program and a library of which one is newer than the other. IS_NEW_PROGRAM, IS_NEW_LIBRARY: that one
 * knows a structure with one more figure. */

#include <glib.h>
#include <mymem.h>
#include <string.h>

#include "fake.h"
#include "sources.h"

#define CANARY 0x5a

#ifdef IS_NEW_PROGRAM
G_STATIC_ASSERT(sizeof(struct mymem) == 4416);
#else
G_STATIC_ASSERT(sizeof(struct mymem) == 4408);
#endif

typedef union Place {
        struct mymem memory;
        unsigned char bytes[sizeof(struct mymem) + 64];
} Place;

static void check(const Place *place) {
        g_assert_cmpuint(place->memory.limit, ==, FAKE_LIMIT);
        g_assert_cmpuint(place->memory.source, ==, MYMEM_SOURCE_SOCKET);
        g_assert_cmpuint(place->memory.available, ==, FAKE_AVAILABLE);
        g_assert_cmpstr(place->memory.unit, ==, FAKE_UNIT);
        g_assert_cmpstr(place->memory.control_group, ==, FAKE_GROUP);
#ifdef IS_NEW_PROGRAM
#ifdef IS_NEW_LIBRARY
        g_assert_cmpuint(
                place->memory.future, ==, 0); /* what it was filled with, by somebody who knows it */
#else
        g_assert_cmpuint(place->memory.future, ==, MYMEM_UNKNOWN);
#endif
#endif
        for (size_t i = sizeof(struct mymem); i < sizeof(*place); i++)
                g_assert_cmpuint(place->bytes[i], ==, CANARY);
}

static void test_get(void) {
        Fake *fake = fake_listen(FAKE_ANSWERS);
        Place place;

        sources_set(fake->path, NULL);
        memset(&place, CANARY, sizeof(place));
        g_assert_cmpint(mymem_get(&place.memory), ==, 0);
        check(&place);
        fake_stop(fake);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/growth/get", test_get);
        return g_test_run();
}
