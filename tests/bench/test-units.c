/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>

#include "client.h"
#include "names.h"
#include "row.h"
#include "stage.h"
#include "units.h"

/* ListUnits of very many units. */

#define FEW 1000
#define TIMES 10
#define MANY (TIMES * FEW)
#define GOOD_FOR_MSEC 1100 /* what was listed is told to others for a second */

typedef struct Crowd {
        Slice *slice;
        sd_bus *bus;
        unsigned n;
} Crowd;

static void wait_until_forgotten(void *data) {
        (void) data;
        (void) poll(NULL, 0, GOOD_FOR_MSEC);
}

static unsigned count_units(sd_bus_message *reply) {
        unsigned n = 0;

        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(sotttt)"), >, 0);
        while (sd_bus_message_skip(reply, "(sotttt)") > 0)
                n++;
        return n;
}

static void list_units(void *data) {
        const Crowd *crowd = data;
        sd_bus_message *reply;

        g_assert_null(client_call(
                crowd->bus, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL));
        g_assert_cmpuint(count_units(reply), >=, crowd->n);
        sd_bus_message_unref(reply);
}

static void read_plainly(void *data) {
        static const char *const files[] = {
                "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat", NULL
        };
        const Crowd *crowd = data;

        g_assert_cmpuint(units_read_plainly(crowd->slice, files), ==, crowd->n);
}

static bool enter(Crowd *crowd, const Stage *stage, unsigned n) {
        crowd->slice = slice_new();
        if (!crowd->slice)
                return false;
        crowd->bus = stage->client;
        crowd->n = n;
        units_make(crowd->slice, n);
        return true;
}

static void test_floor(Stage *stage, const void *data) {
        Samples few[1], samples[2];
        Crowd crowd;

        (void) data;
        if (!enter(&crowd, stage, FEW))
                return;
        const Variant variants[] = {
                { wait_until_forgotten, list_units, NULL, NULL, &crowd },
                { .work = read_plainly, .data = &crowd },
        };
        samples_take(variants, few, 1, row_times(5, 1));

        units_make(crowd.slice, MANY);
        crowd.n = MANY;
        samples_take(variants, samples, G_N_ELEMENTS(variants), row_times(5, 1));
        row_ratio(&(Row) { "ListUnits of 10,000 units", "openat loop", .at_most = 1.3 },
                  samples[0].p50,
                  samples[1].p50);

        for (size_t i = 0; i < SAMPLES_ROUNDS; i++)
                few->p50[i] *= TIMES;
        row_ratio(&(Row) { "ListUnits of 10,000 units", "10 × of 1,000", .at_most = 1.1 },
                  samples[0].p50,
                  few->p50);
        slice_free(crowd.slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/units/floor", test_floor);
        return stage_run();
}
