/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client that asks for descriptors over the bus, and takes none: a dbus-daemon does not listen to the
 * service then. It makes itself heard again, while that client is still there, and gives them no more. */

#include <glib.h>
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

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/unheard/held", test_held);
        return stage_run();
}
