/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "calls.h"
#include "client.h"
#include "row.h"

/* usage: route
 *
 * What systemd itself tells a process of its unit's memory, against what we tell it: run in a unit. */

#define MANAGER "org.freedesktop.systemd1"
#define CALLS row_times(3000, 100)

typedef struct Route {
        sd_bus *bus;
        bool has_limit; /* EffectiveMemoryMax, since 256 */
} Route;

static sd_bus_message *find_unit(sd_bus *bus, const char **ret_path) {
        sd_bus_message *reply;

        g_assert_cmpint(sd_bus_call_method(bus,
                                           MANAGER,
                                           "/org/freedesktop/systemd1",
                                           MANAGER ".Manager",
                                           "GetUnitByPID",
                                           NULL,
                                           &reply,
                                           "u",
                                           (uint32_t) getpid()),
                        >=,
                        0);
        g_assert_cmpint(sd_bus_message_read(reply, "o", ret_path), >, 0);
        return reply;
}

static bool get(sd_bus *bus, const char *path, const char *property) {
        uint64_t value;

        return sd_bus_get_property_trivial(
                       bus, MANAGER, path, MANAGER ".Service", property, NULL, 't', &value) >= 0;
}

static void take_route(void *data) {
        const Route *route = data;
        sd_bus_message *reply;
        const char *path;

        reply = find_unit(route->bus, &path);
        g_assert_true(get(route->bus, path, "MemoryCurrent"));
        g_assert_true(get(route->bus, path, "MemoryAvailable"));
        if (route->has_limit)
                g_assert_true(get(route->bus, path, "EffectiveMemoryMax"));
        sd_bus_message_unref(reply);
}

static void test_route(void) {
        Route route = { 0 };
        Samples samples[2];
        sd_bus_message *reply;
        const char *path;

        g_assert_cmpint(sd_bus_open_system(&route.bus), >=, 0);
        reply = find_unit(route.bus, &path);
        route.has_limit = get(route.bus, path, "EffectiveMemoryMax");
        sd_bus_message_unref(reply);

        const Variant variants[] = {
                { .work = call_get_memory, .data = route.bus },
                { .work = take_route, .data = &route },
        };
        samples_take(variants, samples, G_N_ELEMENTS(variants), CALLS);
        row_ratio(&(Row) { "warm GetMemory, how much faster",
                           route.has_limit ? "systemd, 4 calls" : "systemd, 3 calls",
                           .at_least = 3 },
                  samples[0].p50,
                  samples[1].p50);
        sd_bus_flush_close_unref(route.bus);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/route/ratio", test_route);
        return g_test_run();
}
