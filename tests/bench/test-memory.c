/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "calls.h"
#include "client.h"
#include "place.h"
#include "row.h"
#include "socket.h"
#include "stage.h"

/* What the service costs while nobody asks, and after many have. */

#define KILOBYTE 1024
#define MEGABYTE (1024 * KILOBYTE)
#define WARM_UP 2000
#define REMEMBERED 700 /* more connections than the service remembers */
#define CALLS row_times(1000000, 20000)
#define CONNECTIONS row_times(10000, 500)
#define MORE (64 * KILOBYTE)

static uint64_t memory_line(const Service *service, const char *file, const char *key) {
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", service->pid, file), *text = NULL;
        const char *found;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        found = strstr(text, key);
        g_assert_nonnull(found);
        return g_ascii_strtoull(found + strlen(key), NULL, 10) * KILOBYTE;
}

static int64_t private_dirty(const Service *service) {
        return (int64_t) memory_line(service, "smaps_rollup", "Private_Dirty:");
}

static void test_idle(Socket *stage, const void *data) {
        (void) data;
        call_ping(stage->client);
        row_bytes("idle service, private dirty memory", private_dirty(stage->service), 600 * KILOBYTE);
        row_bytes("idle service, RSS",
                  (int64_t) memory_line(stage->service, "status", "\nVmRSS:"),
                  6 * MEGABYTE);
}

/* What it holds after some calls, it holds for ever. */
static void test_calls(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        g_autofree char *what = g_strdup_printf("memory after %u calls", CALLS);
        int64_t before;
        Place place;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        for (unsigned i = 0; i < WARM_UP; i++)
                call_get_memory(bus);
        before = private_dirty(stage->service);
        for (unsigned i = 0; i < CALLS; i++)
                call_get_memory(bus);
        row_bytes(what, private_dirty(stage->service) - before, MORE);
        sd_bus_flush_close_unref(bus);
        place_leave(&place);
}

static void come_and_go(const char *address, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                sd_bus *bus = client_open(address);

                call_get_memory(bus);
                call_get_memory(bus);
                sd_bus_flush_close_unref(bus);
        }
}

static void test_connections(Socket *stage, const void *data) {
        const char *const addresses[] = { stage->bus->address, stage->address };
        Place place;

        (void) data;
        if (!place_enter(&place, 3))
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
                const char *kind = i == 0 ? "bus" : "socket";
                g_autofree char *what =
                        g_strdup_printf("memory after %u connections, %s", CONNECTIONS, kind);
                unsigned n_descriptors;
                int64_t before;

                come_and_go(addresses[i], REMEMBERED);
                call_ping(stage->client);
                n_descriptors = service_descriptors(stage->service);
                before = private_dirty(stage->service);
                come_and_go(addresses[i], CONNECTIONS);
                row_bytes(what, private_dirty(stage->service) - before, MORE);
                socket_settle(stage, n_descriptors);
        }
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        socket_add_with_bus("/memory/idle", test_idle);
        socket_add_with_bus("/memory/calls", test_calls);
        socket_add_with_bus("/memory/connections", test_connections);
        return stage_run();
}
