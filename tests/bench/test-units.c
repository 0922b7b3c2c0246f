/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>
#include <time.h>

#include "client.h"
#include "names.h"
#include "row.h"
#include "stage.h"
#include "units.h"

/* ListUnits of very many units. */

#define FEW 1000
#define TIMES 10
#define MANY (TIMES * FEW)
#define TIMES_A_ROUND row_times(5, 1)
#define GOOD_FOR_MSEC 1100 /* what was listed is told to others for a second */

/* What reads all units. */
enum {
        LIST,
        LOOP,
        N_READERS
};

typedef struct Crowd {
        Slice *slice;
        sd_bus *bus;
        pid_t service;
        unsigned n;
        GArray *taken[N_READERS]; /* processor time, µs, of the service and of us */
} Crowd;

static double clock_usec(clockid_t clock) {
        struct timespec time;

        g_assert_cmpint(clock_gettime(clock, &time), ==, 0);
        return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static double processor_usec(const Crowd *crowd) {
        clockid_t service;

        g_assert_cmpint(clock_getcpuclockid(crowd->service, &service), ==, 0);
        return clock_usec(service) + clock_usec(CLOCK_PROCESS_CPUTIME_ID);
}

/* The least of each round; what came before the first does not count. */
static void take_rounds(const Crowd *crowd, unsigned reader, double *ret) {
        const GArray *taken = crowd->taken[reader];
        const unsigned times = TIMES_A_ROUND, first = taken->len - SAMPLES_ROUNDS * times;

        for (unsigned round = 0; round < SAMPLES_ROUNDS; round++) {
                ret[round] = g_array_index(taken, double, first + round * times);
                for (unsigned i = 1; i < times; i++)
                        ret[round] =
                                MIN(ret[round], g_array_index(taken, double, first + round * times + i));
        }
}

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
        double taken = -processor_usec(crowd);
        sd_bus_message *reply;

        g_assert_null(client_call(
                crowd->bus, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL));
        g_assert_cmpuint(count_units(reply), >=, crowd->n);
        sd_bus_message_unref(reply);
        taken += processor_usec(crowd);
        g_array_append_val(crowd->taken[LIST], taken);
}

static void read_plainly(void *data) {
        static const char *const files[] = {
                "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat", NULL
        };
        const Crowd *crowd = data;
        double taken = -processor_usec(crowd);

        g_assert_cmpuint(units_read_plainly(crowd->slice, files), ==, crowd->n);
        taken += processor_usec(crowd);
        g_array_append_val(crowd->taken[LOOP], taken);
}

static bool enter(Crowd *crowd, const Stage *stage, unsigned n) {
        crowd->slice = slice_new();
        if (!crowd->slice)
                return false;
        crowd->bus = stage->client;
        crowd->service = stage->service->pid;
        crowd->n = n;
        for (size_t i = 0; i < N_READERS; i++)
                crowd->taken[i] = g_array_new(false, false, sizeof(double));
        units_make(crowd->slice, n);
        return true;
}

static void leave(Crowd *crowd) {
        for (size_t i = 0; i < N_READERS; i++)
                g_array_unref(crowd->taken[i]);
        slice_free(crowd->slice);
}

/* What is compared by processor time was not made in the same moment, or has to hold where much else runs.
 */
static void test_floor(Stage *stage, const void *data) {
        double few[N_READERS][SAMPLES_ROUNDS], many[N_READERS][SAMPLES_ROUNDS];
        Samples samples[N_READERS];
        Crowd crowd;

        (void) data;
        if (!enter(&crowd, stage, FEW))
                return;
        const Variant variants[] = {
                [LIST] = { wait_until_forgotten, list_units, NULL, NULL, &crowd },
                [LOOP] = { .work = read_plainly, .data = &crowd },
        };
        samples_take(variants, samples, N_READERS, TIMES_A_ROUND);
        for (unsigned i = 0; i < N_READERS; i++)
                take_rounds(&crowd, i, few[i]);

        units_make(crowd.slice, MANY);
        crowd.n = MANY;
        samples_take(variants, samples, N_READERS, TIMES_A_ROUND);
        for (unsigned i = 0; i < N_READERS; i++)
                take_rounds(&crowd, i, many[i]);

        row_ratio(
                &(Row) { "ListUnits of 10,000 units", "openat loop", .at_most = 1.3, .is_only_said = true },
                samples[LIST].p50,
                samples[LOOP].p50);
        row_ratio(&(Row) { "ListUnits of 10,000 units, processor time", "openat loop", .at_most = 1.3 },
                  many[LIST],
                  many[LOOP]);

        for (size_t i = 0; i < SAMPLES_ROUNDS; i++)
                for (size_t j = 0; j < N_READERS; j++)
                        few[j][i] *= TIMES;
        row_ratio(&(Row) { "ListUnits of 10,000 units, processor time", "10 × of 1,000", .at_most = 1.1 },
                  many[LIST],
                  few[LIST]);
        row_ratio(&(Row) { "openat loop of 10,000: its floor, processor time", "10 × of 1,000" },
                  many[LOOP],
                  few[LOOP]);
        leave(&crowd);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/units/floor", test_floor);
        return stage_run();
}
