/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many clients at once, each with many calls on their way. */

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>

#include "client.h"
#include "figure.h"
#include "stage.h"

#define N_CLIENTS 200
#define N_CALLS 50
#define N_AT_ONCE 10 /* calls of one client that are on their way */
#define N_CROWDS 4   /* enough to fill what is kept of callers */
#define PATIENCE_SEC 60

typedef struct Crowd {
        sd_event *event;
        uint64_t limit; /* what every one of them must be told */
        unsigned answered;
} Crowd;

typedef struct Client {
        Crowd *crowd;
        sd_bus *bus;
        unsigned n_called;
} Client;

static void call_once(Client *client);

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        uint64_t limit, usage, working_set;
        Client *client = userdata;
        Crowd *crowd = client->crowd;

        (void) error;
        if (sd_bus_message_is_method_error(message, NULL)) {
                g_test_message(
                        "after %u answers: %s", crowd->answered, sd_bus_message_get_error(message)->message);
                g_assert_cmpstr(sd_bus_message_get_error(message)->name, ==, NULL);
        }
        g_assert_cmpint(sd_bus_message_read(message, "ttt", &limit, &usage, &working_set), >, 0);
        g_assert_cmpuint(limit, ==, crowd->limit);

        if (client->n_called < N_CALLS)
                call_once(client);
        crowd->answered++;
        return crowd->answered == N_CLIENTS * N_CALLS ? sd_event_exit(crowd->event, 0) : 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) usec;
        (void) userdata;

        return sd_event_exit(sd_event_source_get_event(source), -ETIMEDOUT);
}

static void call_once(Client *client) {
        client->n_called++;
        client_begin(client->bus, NULL, on_answer, client);
}

static void run_crowd(const Stage *stage, uint64_t limit) {
        Crowd crowd = { .limit = limit };
        Client clients[N_CLIENTS];
        int r;

        g_assert_cmpint(sd_event_new(&crowd.event), >=, 0);
        r = sd_event_add_time_relative(
                crowd.event, NULL, CLOCK_MONOTONIC, PATIENCE_SEC * G_USEC_PER_SEC, 0, on_timeout, NULL);
        g_assert_cmpint(r, >=, 0);
        for (size_t i = 0; i < N_CLIENTS; i++) {
                clients[i] = (Client) { &crowd, client_open(stage->bus->address), 0 };
                g_assert_cmpint(
                        sd_bus_attach_event(clients[i].bus, crowd.event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
                for (unsigned n = 0; n < N_AT_ONCE; n++)
                        call_once(&clients[i]);
        }

        r = sd_event_loop(crowd.event);
        g_test_message("%u of %u calls were answered", crowd.answered, N_CLIENTS * N_CALLS);
        g_assert_cmpint(r, ==, 0);
        g_assert_cmpuint(crowd.answered, ==, N_CLIENTS * N_CALLS);

        for (size_t i = 0; i < N_CLIENTS; i++)
                sd_bus_flush_close_unref(clients[i].bus);
        sd_event_unref(crowd.event);
}

/* All are answered, and what the service keeps of them has a bound, which is below what it may have. */
static void test_crowd(Stage *stage, const void *data) {
        unsigned descriptors;
        Figures figures;

        (void) data;
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);

        for (unsigned i = 0; i < N_CROWDS; i++)
                run_crowd(stage, figures.limit);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        descriptors = service_descriptors(stage->service);
        run_crowd(stage, figures.limit);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpuint(service_descriptors(stage->service), <=, descriptors + 2);

        g_test_message(
                "%u descriptors, %" G_GUINT64_FORMAT " bytes", descriptors, service_memory(stage->service));
        if (service_is_bare())
                g_assert_cmpuint(service_memory(stage->service), <=, 32 * MIB);
}

/* What a service manager gives; from here it goes to the bus and the service. */
static void set_descriptor_limit(void) {
        struct rlimit limit;

        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        limit.rlim_cur = MIN(limit.rlim_max, 1024);
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        set_descriptor_limit();
        stage_add("/crowd/all-answered", test_crowd);

        return stage_run();
}
