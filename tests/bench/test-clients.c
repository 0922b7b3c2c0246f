/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <unistd.h>

#include "calls.h"
#include "child.h"
#include "client.h"
#include "place.h"
#include "row.h"
#include "stage.h"

/* Many who call at once. */

#define CLIENTS 8
#define CALLS row_times(500, 100)

typedef struct Clients {
        pid_t pids[CLIENTS];
        int orders[CLIENTS], reports[CLIENTS];
} Clients;

/* What they are told to do. */
static void (*const orders[])(void *data) = { call_ping, call_get_memory };

static void run_client(const char *address, int order_fd, int report_fd) {
        sd_bus *bus = client_open(address);
        unsigned char order;

        (void) client_name(bus);
        child_tell(report_fd);
        while (read(order_fd, &order, 1) == 1) {
                for (unsigned i = 0; i < CALLS; i++)
                        orders[order](bus);
                child_tell(report_fd);
        }
        _exit(0);
}

static void clients_start(Clients *clients, const char *address) {
        for (size_t i = 0; i < CLIENTS; i++) {
                int order[2], report[2];

                g_assert_cmpint(pipe2(order, O_CLOEXEC), ==, 0);
                g_assert_cmpint(pipe2(report, O_CLOEXEC), ==, 0);
                clients->pids[i] = child_fork();
                if (clients->pids[i] == 0) {
                        close(order[1]);
                        close(report[0]);
                        run_client(address, order[0], report[1]);
                }
                close(order[0]);
                close(report[1]);
                clients->orders[i] = order[1];
                clients->reports[i] = report[0];
                g_assert_true(child_hear(report[0]));
        }
}

static void clients_stop(Clients *clients) {
        for (size_t i = 0; i < CLIENTS; i++) {
                child_kill(clients->pids[i]);
                close(clients->orders[i]);
                close(clients->reports[i]);
        }
}

static void clients_do(const Clients *clients, unsigned char order) {
        for (size_t i = 0; i < CLIENTS; i++)
                g_assert_cmpint(write(clients->orders[i], &order, 1), ==, 1);
        for (size_t i = 0; i < CLIENTS; i++)
                g_assert_true(child_hear(clients->reports[i]));
}

static void all_ping(void *data) {
        clients_do(data, 0);
}

static void all_get_memory(void *data) {
        clients_do(data, 1);
}

static void test_together(Stage *stage, const void *data) {
        Samples samples[2];
        Clients clients;
        Place place;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        clients_start(&clients, stage->bus->address);
        const Variant variants[] = {
                { .work = all_get_memory, .data = &clients },
                { .work = all_ping, .data = &clients },
        };
        samples_take(variants, samples, G_N_ELEMENTS(variants), row_times(5, 3));
        row_ratio(&(Row) { "GetMemory of 8 clients at once, calls per second",
                           "Ping",
                           .at_least = 0.8,
                           .is_only_said = true },
                  samples[0].p50,
                  samples[1].p50);
        clients_stop(&clients);
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/clients/together", test_together);
        return stage_run();
}
