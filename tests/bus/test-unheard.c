/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client that asks for descriptors over the bus, and takes none: a dbus-daemon does not listen to the
 * service then. It makes itself heard again, while that client is still there, and gives them no more. A bus
 * that does nothing at all for a while is left alone. */

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "child.h"
#include "client.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define IN_A_ROW 50 /* answers that show that the service is heard */
#define BOUND_SEC 15
#define CALL_USEC (G_USEC_PER_SEC / 2)
#define BUSY_CALLS 120 /* as many as may be on their way over a dbus-daemon */
#define BUSY_CALLS_SLOW 40
#define BUSY_SEC 3 /* longer than a bus may be deaf */

/* More than what the kernel keeps for four clients, and what a dbus-daemon does. */
static const Attack attack = {
        .name = "held",
        .calls = { { .path = MYMEM_MANAGER_PATH,
                     .interface = MYMEM_MANAGER_INTERFACE,
                     .member = "OpenMemory" } },
        .n_connections = 4,
        .n_calls = 400,
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

static const char *open_memory(const char *address) {
        sd_bus *bus = client_open(address);
        const char *error;

        error = client_call(bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory", NULL);
        sd_bus_flush_close_unref(bus);
        return error;
}

static void check_refused(void *data) {
        g_assert_cmpint(setresgid(ATTACK_UID, ATTACK_UID, ATTACK_UID), ==, 0);
        g_assert_cmpint(setresuid(ATTACK_UID, ATTACK_UID, ATTACK_UID), ==, 0);
        g_assert_cmpstr(open_memory(data), ==, MYMEM_ERROR_LIMITS_EXCEEDED);
}

/* Runs in the unit whose files are asked for. */
static void suffer(const Stage *stage, const char *group) {
        Attacker attacker;

        g_assert_cmpstr(open_memory(stage->bus->address), ==, NULL);
        for (unsigned i = 0; i < 2; i++) {
                attacker = attack_start(&attack, stage->bus->address, MYMEM_BUS_NAME, group);
                /* When it has sent all, it says no more. */
                while (attacker_is_busy(&attacker))
                        ;
                check_heard(stage->bus->address);
                if (!private_bus_is_broker())
                        child_run(check_refused, (void *) stage->bus->address);
                g_assert_cmpstr(open_memory(stage->bus->address), ==, NULL);
                attack_end(&attacker);
        }
}

static void test_held(Stage *stage, const void *data) {
        g_autofree char *group = NULL;
        Slice *slice;

        (void) data;
        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }
        slice = slice_new();
        if (!slice)
                return;
        group = slice_group(slice, "%-web.service");
        group_enter(group);
        suffer(stage, group);
        slice_free(slice);
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
        g_assert_cmpstr(open_memory(stage->bus->address), ==, NULL);
        slice_leave(slice);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/unheard/held", test_held);
        stage_add("/unheard/busy", test_busy);
        return stage_run();
}
