/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client that asks over the bus for descriptors, or for long lists, and takes none: a dbus-daemon does not
 * listen to the service then. It makes itself heard again, while that client is still there, and gives them
 * no more. A bus that does nothing at all for a while is left alone. */

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "child.h"
#include "client.h"
#include "group.h"
#include "lengthy.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define IN_A_ROW 50 /* answers that show that the service is heard */
#define BOUND_SEC 15
#define UNHEARD_SEC 60
#define CALL_USEC (G_USEC_PER_SEC / 2)
#define BUSY_CALLS 120 /* as many as may be on their way over a dbus-daemon */
#define BUSY_CALLS_SLOW 40
#define BUSY_SEC 3 /* longer than a bus may be deaf */

#define N_UNITS 1500 /* whose list is more than 3 MiB */

#define MANAGER(name) .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, .member = (name)

/* More than what the kernel keeps for four clients, and what a dbus-daemon does. */
static const Attack open_attack = {
        .name = "held",
        .calls = { { MANAGER("OpenMemory") } },
        .n_connections = 4,
        .n_calls = 400,
        .is_deaf = true,
};
static const Attack list_attack = {
        .name = "lists",
        .calls = { { MANAGER("ListUnits") } },
        .n_connections = 4,
        .n_calls = 16,
        .is_deaf = true,
};

/* Waits until the service is answering, and goes on doing so. */
static void check_heard(const char *address) {
        gint64 start = g_get_monotonic_time();
        sd_bus *bus = client_open(address);
        unsigned n = 0;

        g_assert_cmpint(sd_bus_set_method_call_timeout(bus, CALL_USEC), >=, 0);
        while (n < IN_A_ROW) {
                Figures figures;

                n = client_figures(bus, &figures, "GetMemory", NULL) ? 0 : n + 1;
                g_assert_cmpint(g_get_monotonic_time() - start, <, BOUND_SEC * G_USEC_PER_SEC);
        }
        g_test_message("heard after %" G_GINT64_FORMAT " ms", (g_get_monotonic_time() - start) / 1000);
        sd_bus_flush_close_unref(bus);
}

/* Calls until the service has found out that it is not heard: it takes a while to write all that is needed
 * for that. */
static void wait_until_unheard(const char *address, const char *owner) {
        gint64 start = g_get_monotonic_time();
        sd_bus *bus = client_open(address);

        g_assert_cmpint(sd_bus_set_method_call_timeout(bus, CALL_USEC), >=, 0);
        do {
                (void) client_figures(bus, &(Figures) { 0 }, "GetMemory", NULL);
                g_assert_cmpint(g_get_monotonic_time() - start, <, UNHEARD_SEC * G_USEC_PER_SEC);
        } while (g_strcmp0(client_find_owner(bus), owner) == 0);
        sd_bus_flush_close_unref(bus);
}

/* What becomes of a call from a new connection. */
static const char *call_once(const char *address, const char *member) {
        sd_bus *bus = client_open(address);
        const char *error;

        error = client_call(bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, member, NULL);
        sd_bus_flush_close_unref(bus);
        return error;
}

typedef struct Refused {
        const char *address, *member;
} Refused;

static void check_refused(void *data) {
        const Refused *refused = data;

        g_assert_cmpint(setresgid(ATTACK_UID, ATTACK_UID, ATTACK_UID), ==, 0);
        g_assert_cmpint(setresuid(ATTACK_UID, ATTACK_UID, ATTACK_UID), ==, 0);
        g_assert_cmpstr(call_once(refused->address, refused->member), ==, MYMEM_ERROR_LIMITS_EXCEEDED);
}

/* Runs in the unit whose files are asked for. */
static void suffer(const Stage *stage, const Attack *attack, const char *group) {
        Refused refused = { stage->bus->address, attack->calls[0].member };
        const char *owner = client_owner(stage->client);
        Attacker attacker;

        g_assert_cmpstr(call_once(refused.address, refused.member), ==, NULL);
        for (unsigned i = 0; i < 2; i++) {
                attacker = attack_start(attack, stage->bus->address, MYMEM_BUS_NAME, group);
                /* When it has sent all, it says no more. */
                while (attacker_is_busy(&attacker))
                        ;
                if (i == 0 && attack == &list_attack && !private_bus_is_broker())
                        wait_until_unheard(stage->bus->address, owner);
                check_heard(stage->bus->address);
                if (!private_bus_is_broker())
                        child_run(check_refused, &refused);
                g_assert_cmpstr(call_once(refused.address, refused.member), ==, NULL);
                attack_end(&attacker);
        }
}

static void test_attack(Stage *stage, const Attack *attack, unsigned n_units) {
        g_autofree char *group = NULL;
        Slice *slice;

        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }
        slice = slice_new();
        if (!slice)
                return;
        if (n_units > 0)
                lengthy_make(slice, n_units);
        group = slice_group(slice, "%-web.service");
        group_enter(group);
        suffer(stage, attack, group);
        slice_free(slice);
}

static void test_held(Stage *stage, const void *data) {
        (void) data;

        test_attack(stage, &open_attack, 0);
}

/* A dbus-daemon holds 127 MiB of what the service says. */
static void test_lists(Stage *stage, const void *data) {
        (void) data;

        test_attack(stage, &list_attack, N_UNITS);
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        unsigned *n_answered = userdata;

        (void) error;
        g_assert_false(sd_bus_message_is_method_error(reply, NULL));
        ++*n_answered;
        return 0;
}

/* Two calls, of which the second takes the service some time. */
static void begin_calls(sd_bus *bus, unsigned *n_answered) {
        int r;

        r = sd_bus_call_method_async(bus,
                                     NULL,
                                     MYMEM_BUS_NAME,
                                     MYMEM_MANAGER_PATH,
                                     MYMEM_MANAGER_INTERFACE,
                                     "OpenMemory",
                                     on_answer,
                                     n_answered,
                                     NULL);
        g_assert_cmpint(r, >=, 0);
        r = sd_bus_call_method_async(bus,
                                     NULL,
                                     MYMEM_BUS_NAME,
                                     MYMEM_SELF_PATH,
                                     "org.freedesktop.DBus.Properties",
                                     "GetAll",
                                     on_answer,
                                     n_answered,
                                     "s",
                                     MYMEM_UNIT_INTERFACE);
        g_assert_cmpint(r, >=, 0);
}

/* The service answers more calls at once than it needs to suspect somebody, and the bus takes nothing,
 * because it stands still. Those answers are still good when it goes on. */
static void test_busy(Stage *stage, const void *data) {
        pid_t bus = private_bus_program(stage->bus);
        unsigned n = service_is_bare() ? BUSY_CALLS : BUSY_CALLS_SLOW, n_answered = 0;
        const char *owner;
        Figures figures;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        g_autofree char *group = slice_group(slice, "%-web.service");
        group_enter(group);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);

        /* When the bus has answered, the calls have come to where the service finds them. */
        g_assert_cmpint(kill(stage->service->pid, SIGSTOP), ==, 0);
        for (unsigned i = 0; i < n / 2; i++)
                begin_calls(stage->client, &n_answered);
        owner = client_owner(stage->client);
        g_assert_cmpint(kill(bus, SIGSTOP), ==, 0);
        g_assert_cmpint(kill(stage->service->pid, SIGCONT), ==, 0);
        g_assert_false(service_notified(stage->service, "STOPPING=1", BUSY_SEC));
        g_assert_cmpint(kill(bus, SIGCONT), ==, 0);

        for (;;) {
                while (sd_bus_process(stage->client, NULL) > 0)
                        ;
                if (n_answered == n)
                        break;
                g_assert_cmpint(sd_bus_wait(stage->client, BOUND_SEC * G_USEC_PER_SEC), >, 0);
        }
        g_assert_cmpstr(client_owner(stage->client), ==, owner);
        g_assert_cmpstr(call_once(stage->bus->address, "OpenMemory"), ==, NULL);
        slice_leave(slice);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/unheard/held", test_held);
        /* A wrapper makes the service write lists more slowly than a dbus-daemon needs to seem deaf. */
        if (!g_getenv("MYMEM_WRAPPER"))
                stage_add("/unheard/lists", test_lists);
        stage_add("/unheard/busy", test_busy);
        return stage_run();
}
