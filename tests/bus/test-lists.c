/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists of very many units, which somebody wants all the time: what the service holds for them has a bound,
 * nobody is refused who keeps within theirs, and others have their turn. */

#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "attack.h"
#include "client.h"
#include "figure.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define N_UNITS 10000
#define N_CLIENTS 4 /* of one user */
#define N_CALLS 16  /* of each: all that may wait */
#define N_BEFORE 16 /* lists that they may get before another user's turn */
#define MEMORY_MAX (9 * MIB)
#define HELD_USEC G_USEC_PER_SEC
#define PATIENCE_USEC (100 * G_USEC_PER_SEC)
#define LOOK_USEC (G_USEC_PER_SEC / 100)

/* Somebody who wants lists. */
typedef struct Client {
        sd_bus *bus;
        unsigned *n_answered; /* of all clients of the user */
} Client;

typedef struct Clients {
        Client clients[N_CLIENTS + 1]; /* the last one is another user */
        unsigned n_answered[2];
} Clients;

static int on_list(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        const sd_bus_error *said = sd_bus_message_get_error(message);
        Client *client = userdata;

        (void) error;
        g_assert_cmpstr(said ? said->name : NULL, ==, NULL);
        ++*client->n_answered;
        return 0;
}

static void want_list(Client *client) {
        g_assert_cmpint(sd_bus_call_method_async(client->bus,
                                                 NULL,
                                                 MYMEM_BUS_NAME,
                                                 MYMEM_MANAGER_PATH,
                                                 MYMEM_MANAGER_INTERFACE,
                                                 "ListUnits",
                                                 on_list,
                                                 client,
                                                 NULL),
                        >=,
                        0);
}

/* Whoever opens a connection is whom the bus takes for its user, and one of the users of the process has to
 * be that. */
static void clients_open(Clients *clients, const char *address) {
        *clients = (Clients) { 0 };
        for (size_t i = 0; i <= N_CLIENTS; i++) {
                Client *client = &clients->clients[i];

                g_assert_cmpint(seteuid(i < N_CLIENTS ? ATTACK_UID : 0), ==, 0);
                client->bus = client_open(address);
                g_assert_cmpint(setresuid(0, 0, ATTACK_UID), ==, 0);
                g_assert_cmpint(sd_bus_set_method_call_timeout(client->bus, PATIENCE_USEC), >=, 0);
                client->n_answered = &clients->n_answered[i == N_CLIENTS];
                /* The service knows it from now on. */
                g_assert_cmpstr(client_figures(client->bus, &(Figures) { 0 }, "GetMemory", NULL), ==, NULL);
        }
}

/* All that may be wanted by one user, then the other's. When this returns, the bus has passed it all on. */
static void clients_call(Clients *clients) {
        for (size_t i = 0; i <= N_CLIENTS; i++) {
                Client *client = &clients->clients[i];

                for (unsigned n = 0; n < (i < N_CLIENTS ? N_CALLS : 1); n++)
                        want_list(client);
                (void) client_owner(client->bus);
        }
}

static void clients_turn(const Clients *clients) {
        /* That of the other user first: what it has is to be seen before what came later. */
        for (size_t i = N_CLIENTS + 1; i-- > 0;) {
                int r;

                while ((r = sd_bus_process(clients->clients[i].bus, NULL)) > 0)
                        ;
                g_assert_cmpint(r, >=, 0);
        }
}

static void clients_close(Clients *clients) {
        for (size_t i = 0; i <= N_CLIENTS; i++)
                sd_bus_flush_close_unref(clients->clients[i].bus);
}

/* Lets the service write to a bus that takes nothing, and returns how much memory that takes. */
static uint64_t hold(const Service *service) {
        gint64 until = g_get_monotonic_time() + PATIENCE_USEC;
        uint64_t memory = 0;
        bool is_held = false;

        while (g_get_monotonic_time() < until) {
                memory = MAX(memory, service_memory(service));
                if (!is_held && service_has_unread(service)) {
                        is_held = true;
                        until = g_get_monotonic_time() + HELD_USEC;
                }
                g_usleep(LOOK_USEC);
        }
        g_assert_true(is_held);
        return memory;
}

/* The service finds all calls at once, and then a bus that stands still for a while. */
static void ask(const Stage *stage, Clients *clients) {
        gint64 until = g_get_monotonic_time() + PATIENCE_USEC;
        unsigned n_before = UINT_MAX;
        uint64_t memory;

        g_assert_cmpint(kill(stage->service->pid, SIGSTOP), ==, 0);
        clients_call(clients);
        g_assert_cmpint(kill(private_bus_program(stage->bus), SIGSTOP), ==, 0);
        g_assert_cmpint(kill(stage->service->pid, SIGCONT), ==, 0);
        memory = hold(stage->service);
        g_assert_cmpint(kill(private_bus_program(stage->bus), SIGCONT), ==, 0);

        while (clients->n_answered[0] < N_CLIENTS * N_CALLS || clients->n_answered[1] < 1) {
                clients_turn(clients);
                if (clients->n_answered[1] > 0)
                        n_before = MIN(n_before, clients->n_answered[0]);
                memory = MAX(memory, service_memory(stage->service));
                g_usleep(LOOK_USEC);
                g_assert_cmpint(g_get_monotonic_time(), <, until);
        }
        g_test_message(
                "at most %" G_GUINT64_FORMAT " kB; another user came after %u", memory / 1024, n_before);
        if (service_is_bare())
                g_assert_cmpuint(memory, <=, MEMORY_MAX);
        g_assert_cmpuint(n_before, <=, N_BEFORE);
}

static void test_many(Stage *stage, const void *data) {
        Clients clients;
        Slice *slice;

        (void) data;
        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }
        slice = slice_new();
        if (!slice)
                return;
        for (unsigned i = 0; i < N_UNITS; i++) {
                g_autofree char *below = g_strdup_printf("%%-u%u.service", i);

                g_free(slice_group(slice, below));
        }

        clients_open(&clients, stage->bus->address);
        ask(stage, &clients);
        clients_close(&clients);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/lists/many", test_many);

        return stage_run();
}
