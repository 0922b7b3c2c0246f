/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long somebody at the socket waits while others do all they can on the bus, and while nobody does
 * anything. */

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "client.h"
#include "names.h"
#include "row.h"
#include "socket.h"
#include "stage.h"

#define CALLS 1000  /* in each round, of which the slowest hundredth does not count */
#define AT_MOST 3.0 /* times as long as without */

#define MANAGER(name) .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, .member = (name)

static const Attack attacks[] = {
        { .name = "no-reply", .calls = { { MANAGER("GetMemory"), .flags = WIRE_NO_REPLY } } },
        { .name = "walks",
          .calls = { { MANAGER("ListUnits") }, { MANAGER("GetUnitByName"), .text = "a.service" } } },
        { .name = "deaf", .calls = { { MANAGER("ListUnits") }, { MANAGER("GetUnit") } }, .is_deaf = true },
};

static int compare(const void *a, const void *b) {
        const gint64 *first = a, *second = b;

        return *first < *second ? -1 : *first > *second;
}

/* The time that all but one in a hundred calls stay below, in microseconds. */
static gint64 measure(sd_bus *client) {
        gint64 times[CALLS];

        for (size_t i = 0; i < CALLS; i++) {
                gint64 start = g_get_monotonic_time();
                Figures figures;

                g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
                times[i] = g_get_monotonic_time() - start;
        }

        qsort(times, CALLS, sizeof(*times), compare);
        return times[CALLS - CALLS / 100 - 1];
}

/* Who asks, and who answers, do not wait for a processor: what else the machine does is not measured. */
static bool go_first(const Socket *stage) {
        static const struct sched_param first = { .sched_priority = 1 }, second = { .sched_priority = 2 };

        if (sched_setscheduler(stage->service->pid, SCHED_FIFO | SCHED_RESET_ON_FORK, &first) == 0 &&
            sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &second) == 0)
                return true;

        g_test_skip("processes cannot be given precedence here");
        return false;
}

static void test_flood(Socket *stage, const void *data) {
        const Attack *attack = data;
        g_autofree char *what =
                g_strconcat("GetMemory over the socket in a flood, p99: ", attack->name, NULL);
        double flooded[SAMPLES_ROUNDS], quiet[SAMPLES_ROUNDS];

        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }
        if (!go_first(stage))
                return;
        for (size_t i = 0; i < SAMPLES_ROUNDS; i++) {
                quiet[i] = (double) measure(stage->client);
                Attacker attacker = attack_start(attack, stage->bus->address, MYMEM_BUS_NAME, NULL);

                flooded[i] = (double) measure(stage->client);
                attack_end(&attacker);
        }
        row_ratio(&(Row) { what, "at rest", .at_most = AT_MOST }, flooded, quiet);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++) {
                g_autofree char *name = g_strconcat("/flood/", attacks[i].name, NULL);

                socket_add_data_with_bus(name, &attacks[i], test_flood);
        }
        return stage_run();
}
