/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A process without any rights does all it can to the service, on the bus and at the socket. What it may
 * cost others is bounded: the service's memory and descriptors, its answers at the socket meanwhile, on the
 * bus after. */

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "client.h"
#include "figure.h"
#include "names.h"
#include "private-bus.h"
#include "sanitized.h"
#include "slice.h"
#include "socket.h"
#include "stage.h"

#define MEMORY_MAX (16 * MIB)
#define AFTER_SEC 2 /* in which whoever is on the bus is answered again */
#define TOLERANCE 3 /* for a machine that has more to do */
#define SECONDS "1" /* of each attack, unless $MYMEM_FLOOD_SECONDS says otherwise */
#define WATCH_USEC (G_USEC_PER_SEC / 10)

#define MANAGER(name) .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, .member = (name)
#define GET_ALL                                                                                      \
        .path = MYMEM_SELF_PATH, .interface = "org.freedesktop.DBus.Properties", .member = "GetAll", \
        .text = MYMEM_UNIT_INTERFACE

static const Attack attacks[] = {
        { .name = "no-reply", .calls = { { GET_ALL, .flags = WIRE_NO_REPLY } } },
        { .name = "pipelined", .calls = { { GET_ALL }, { MANAGER("GetMemory") } } },
        { .name = "types",
          .calls = { { MANAGER("GetMemory"), .text = "a" }, { MANAGER("GetMemoryByPID"), .text = "a" } } },
        { .name = "descriptors", .calls = { { MANAGER("GetMemory") }, { GET_ALL } }, .n_fds = 16 },
        { .name = "long", .calls = { { MANAGER("GetUnitByName") }, { GET_ALL } }, .n_text = MIB },
        { .name = "connections",
          .calls = { { MANAGER("GetMemory") } },
          .n_connections = 1000,
          .n_calls = 1 },
        { .name = "deaf", .calls = { { GET_ALL }, { MANAGER("ListUnits") } }, .is_deaf = true },
        { .name = "walks",
          .calls = { { MANAGER("ListUnits") }, { MANAGER("GetUnitByName"), .text = "a.service" } } },
        { .name = "open", .calls = { { MANAGER("OpenMemory") } }, .is_deaf = true, .n_connections = 16 },
};

/* Somebody on the bus, who calls once at a time. */
typedef struct Bystander {
        sd_bus *bus;
        bool is_waiting;
        unsigned n_answered;
        unsigned n_refused; /* by the bus, which has not passed them on */
        const char *error;  /* interned */
} Bystander;

/* A dbus-daemon holds 127 MiB for each client, and no more: an attacker may fill that faster than it is
 * read, and what others say to the client then is refused. A dbus-broker charges the attacker. */
static bool is_of_bus(const sd_bus_error *error) {
        return !private_bus_is_broker() && g_str_equal(error->name, SD_BUS_ERROR_LIMITS_EXCEEDED);
}

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        const sd_bus_error *said = sd_bus_message_get_error(message);
        Bystander *bystander = userdata;

        (void) error;
        bystander->is_waiting = false;
        if (said && is_of_bus(said)) {
                bystander->n_refused++;
                return 0;
        }

        bystander->n_answered++;
        if (said)
                bystander->error = g_intern_string(said->name);
        return 0;
}

/* Reads what has come, and calls if nothing is on its way. */
static void bystander_turn(Bystander *bystander) {
        int r;

        while ((r = sd_bus_process(bystander->bus, NULL)) > 0)
                ;
        g_assert_cmpint(r, >=, 0);
        if (bystander->is_waiting)
                return;

        client_begin(bystander->bus, NULL, on_answer, bystander);
        bystander->is_waiting = true;
}

/* Waits until so many more calls were answered, and returns how many microseconds that took. */
static gint64 bystander_wait(Bystander *bystander, unsigned n) {
        gint64 start = g_get_monotonic_time();

        n += bystander->n_answered;
        while (bystander->n_answered < n) {
                bystander_turn(bystander);
                g_assert_cmpint(sd_bus_wait(bystander->bus, WATCH_USEC), >=, 0);
                g_assert_cmpint(g_get_monotonic_time() - start, <, CLIENT_TIMEOUT_USEC);
        }
        return g_get_monotonic_time() - start;
}

/* Lets the attack go on, and looks at what it does. */
static void watch(const Socket *stage, Bystander *bystander) {
        const char *said = g_getenv("MYMEM_FLOOD_SECONDS");
        gint64 now = g_get_monotonic_time(), next = now,
               until = now + g_ascii_strtoll(said ? said : SECONDS, NULL, 10) * G_USEC_PER_SEC;
        double busy = service_busy(stage->service);
        uint64_t memory = 0;
        unsigned n = 0;

        for (; now < until; now = g_get_monotonic_time()) {
                Figures figures;

                /* Another user, who keeps within all bounds: no error is for them. */
                g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
                n++;
                bystander_turn(bystander);
                if (now >= next) {
                        memory = MAX(memory, service_memory(stage->service));
                        next = now + WATCH_USEC;
                }
        }
        g_test_message("at most %" G_GUINT64_FORMAT
                       " kB, busy for %.2f s; %u answers at the socket, %u on the bus, %u refused by it",
                       memory / 1024,
                       service_busy(stage->service) - busy,
                       n,
                       bystander->n_answered,
                       bystander->n_refused);
#ifndef SANITIZED
        g_assert_cmpuint(memory, <=, MEMORY_MAX);
#endif
}

/* The first of each kind opens what all others use. */
static void make_walks(sd_bus *bus) {
        g_assert_cmpstr(
                client_call(bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL),
                ==,
                NULL);
        g_assert_cmpstr(client_call(bus,
                                    NULL,
                                    MYMEM_MANAGER_PATH,
                                    MYMEM_MANAGER_INTERFACE,
                                    "GetUnitByName",
                                    "s",
                                    "mymem-none.service"),
                        ==,
                        MYMEM_ERROR_NO_SUCH_UNIT);
}

/* Whose figures are asked for again has their files kept open from then on. */
static void ask_again(sd_bus *bus) {
        for (unsigned i = 0; i < 3; i++)
                g_assert_cmpstr(client_figures(bus, &(Figures) { 0 }, "GetMemory", NULL), ==, NULL);
}

static void suffer(const Socket *stage, const Attack *attack, bool on_bus, const char *group) {
        Bystander bystander = { .bus = client_open(stage->bus->address) };
        unsigned descriptors;
        Attacker attacker;
        gint64 usec;

        (void) bystander_wait(&bystander, 2);
        make_walks(bystander.bus);
        ask_again(bystander.bus);
        ask_again(stage->client);
        descriptors = socket_descriptors(stage);

        attacker = attack_start(attack,
                                on_bus ? stage->bus->address : stage->address,
                                on_bus ? MYMEM_BUS_NAME : NULL,
                                group);
        watch(stage, &bystander);
        attack_end(&attacker);

        usec = bystander_wait(&bystander, 2);
        g_test_message("%s: the bus answers after %" G_GINT64_FORMAT " ms", attack->name, usec / 1000);
        g_assert_cmpint(usec, <, TOLERANCE * AFTER_SEC * G_USEC_PER_SEC);
        /* A bus that did not hear us for a second has lost what was said then. */
        if (!attack->is_deaf)
                g_assert_cmpstr(bystander.error, ==, NULL);
        socket_settle(stage, descriptors);
        sd_bus_flush_close_unref(bystander.bus);
}

static void run_attack(Socket *stage, const Attack *attack, bool on_bus) {
        g_autofree char *group = NULL;
        Slice *slice;

        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }
        slice = slice_new();
        if (!slice)
                return;
        group = slice_group(slice, "%-attacker.service");
        suffer(stage, attack, on_bus, group);
        slice_free(slice);
}

static void test_on_bus(Socket *stage, const void *data) {
        run_attack(stage, data, true);
}

static void test_at_socket(Socket *stage, const void *data) {
        run_attack(stage, data, false);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(attacks); i++) {
                g_autofree char *on_bus = g_strconcat("/flood/bus/", attacks[i].name, NULL),
                                *at_socket = g_strconcat("/flood/socket/", attacks[i].name, NULL);

                socket_add_data_with_bus(on_bus, &attacks[i], test_on_bus);
                /* Where the bus plays no part, one kind of it will do. */
                if (!private_bus_is_broker())
                        socket_add_data_with_bus(at_socket, &attacks[i], test_at_socket);
        }

        return stage_run();
}
