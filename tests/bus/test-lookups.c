/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the service asks of the bus driver, as a monitor of the bus sees it: once for each connection who it
 * is, and nothing else. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "client.h"
#include "names.h"
#include "properties.h"
#include "stage.h"

#define N_CLIENTS 16
#define N_CALLS 10

#define DRIVER_NAME "org.freedesktop.DBus"
#define DRIVER_PATH "/org/freedesktop/DBus"
#define MONITORING_INTERFACE "org.freedesktop.DBus.Monitoring"

/* Opens a connection that is shown every call to the driver. */
static sd_bus *monitor_open(const char *address) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus *bus = NULL;
        int r;

        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_address(bus, address), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(bus, true), >=, 0);
        g_assert_cmpint(sd_bus_set_monitor(bus, true), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        r = sd_bus_call_method(bus,
                               DRIVER_NAME,
                               DRIVER_PATH,
                               MONITORING_INTERFACE,
                               "BecomeMonitor",
                               &error,
                               NULL,
                               "asu",
                               1,
                               "type='method_call',destination='" DRIVER_NAME "'",
                               0);
        g_assert_cmpstr(error.message, ==, NULL);
        g_assert_cmpint(r, >=, 0);
        return bus;
}

/* Waits for the next call to the driver. */
static sd_bus_message *monitor_next(sd_bus *monitor) {
        gint64 deadline = g_get_monotonic_time() + (gint64) CLIENT_TIMEOUT_USEC;
        sd_bus_message *message = NULL;

        for (;;) {
                int r;

                r = sd_bus_process(monitor, &message);
                g_assert_cmpint(r, >=, 0);
                if (message && sd_bus_message_is_method_call(message, NULL, NULL))
                        return message;
                message = sd_bus_message_unref(message);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                if (r == 0)
                        g_assert_cmpint(sd_bus_wait(monitor, CLIENT_TIMEOUT_USEC), >=, 0);
        }
}

/* Whom 'service' asked for, a name for each time, up to the moment when 'client' made a call of its own. Any
 * other call of the service's fails the test. */
static GPtrArray *list_lookups(sd_bus *monitor, sd_bus *client, const char *service) {
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
        bool done = false;
        int r;

        r = sd_bus_call_method(client, DRIVER_NAME, DRIVER_PATH, DRIVER_NAME, "GetId", NULL, NULL, NULL);
        g_assert_cmpint(r, >=, 0);

        while (!done) {
                sd_bus_message *message = monitor_next(monitor);
                const char *sender = sd_bus_message_get_sender(message), *name;

                done = g_strcmp0(sender, client_name(client)) == 0 &&
                        sd_bus_message_is_method_call(message, NULL, "GetId");
                if (g_strcmp0(sender, service) == 0) {
                        g_assert_cmpstr(sd_bus_message_get_member(message), ==, "GetConnectionCredentials");
                        g_assert_cmpint(sd_bus_message_read(message, "s", &name), >, 0);
                        g_ptr_array_add(names, g_strdup(name));
                }
                sd_bus_message_unref(message);
        }
        return names;
}

static const char *service_name(sd_bus *client) {
        sd_bus_creds *credentials = NULL;
        const char *name;

        g_assert_cmpint(
                sd_bus_get_name_creds(client, MYMEM_BUS_NAME, SD_BUS_CREDS_UNIQUE_NAME, &credentials),
                >=,
                0);
        g_assert_cmpint(sd_bus_creds_get_unique_name(credentials, &name), >=, 0);
        name = g_intern_string(name);
        sd_bus_creds_unref(credentials);
        return name;
}

static void call_everything(sd_bus *client) {
        g_autoptr(GHashTable) properties = NULL;
        const char *unit, *path;
        Figures figures;

        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpstr(client_figures(client, &figures, "GetMemoryByPID", "u", 0), ==, NULL);
        g_assert_cmpstr(client_unit(client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(
                client_call(client, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetAvailable", NULL),
                ==,
                NULL);
        g_assert_cmpstr(client_call(client, NULL, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetChain", NULL),
                        ==,
                        NULL);
        g_assert_cmpstr(properties_read(client, &properties, MYMEM_SELF_PATH), ==, NULL);
}

static void test_one_each(Stage *stage, const void *data) {
        sd_bus *clients[N_CLIENTS], *monitor = monitor_open(stage->bus->address);
        g_autoptr(GPtrArray) cold = NULL, warm = NULL;
        const char *service = service_name(stage->client);

        (void) data;

        for (size_t i = 0; i < N_CLIENTS; i++) {
                clients[i] = client_open(stage->bus->address);
                call_everything(clients[i]);
        }
        cold = list_lookups(monitor, stage->client, service);
        g_assert_cmpuint(cold->len, ==, N_CLIENTS);
        for (size_t i = 0; i < N_CLIENTS; i++)
                g_assert_true(
                        g_ptr_array_find_with_equal_func(cold, client_name(clients[i]), g_str_equal, NULL));

        for (size_t i = 0; i < N_CLIENTS; i++)
                for (unsigned n = 0; n < N_CALLS; n++)
                        call_everything(clients[i]);
        warm = list_lookups(monitor, stage->client, service);
        g_assert_cmpuint(warm->len, ==, 0);

        for (size_t i = 0; i < N_CLIENTS; i++)
                sd_bus_flush_close_unref(clients[i]);
        sd_bus_flush_close_unref(monitor);
}

/* Sends a call that wants no reply. */
static void send_quietly(sd_bus *client, const char *path, const char *interface, const char *member) {
        sd_bus_message *message = NULL;

        g_assert_cmpint(
                sd_bus_message_new_method_call(client, &message, MYMEM_BUS_NAME, path, interface, member),
                >=,
                0);
        g_assert_cmpint(sd_bus_message_set_expect_reply(message, false), >=, 0);
        g_assert_cmpint(sd_bus_send(client, message, NULL), >=, 0);
        sd_bus_message_unref(message);
}

static void test_none(Stage *stage, const void *data) {
        sd_bus *client = client_open(stage->bus->address), *monitor = monitor_open(stage->bus->address);
        const char *service = service_name(stage->client);
        g_autoptr(GPtrArray) names = NULL;

        (void) data;

        for (unsigned i = 0; i < N_CALLS; i++) {
                send_quietly(client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory");
                send_quietly(client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetAvailable");
                send_quietly(client, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetChain");
                send_quietly(client, MYMEM_SELF_PATH, "org.freedesktop.DBus.Peer", "Ping");
        }

        /* Nor need these know who asks. Once they are answered, the service has seen those before. */
        g_assert_cmpstr(client_ping(client), ==, NULL);
        g_assert_cmpstr(client_call(client,
                                    NULL,
                                    MYMEM_MANAGER_PATH,
                                    "org.freedesktop.DBus.Introspectable",
                                    "Introspect",
                                    NULL),
                        ==,
                        NULL);
        g_assert_cmpstr(
                client_get(client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "Version"), ==, NULL);

        names = list_lookups(monitor, stage->client, service);
        g_assert_cmpuint(names->len, ==, 0);
        sd_bus_flush_close_unref(client);
        sd_bus_flush_close_unref(monitor);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/lookups/one-each", test_one_each);
        stage_add("/lookups/none", test_none);

        return stage_run();
}
