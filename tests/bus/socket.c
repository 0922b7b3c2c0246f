/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "socket.h"

#include <glib.h>

#include "client.h"

#define READY_SEC 60
#define SETTLE_SEC 60

static void start(Socket *stage, PrivateBus *bus) {
        g_autofree char *listen_option = NULL, *address_option = NULL;

        directory_make(&stage->directory);
        stage->address = stage->directory.address;
        stage->bus = bus;
        listen_option = g_strdup_printf("--listen=%s/bus", stage->directory.path);
        address_option = g_strconcat("--address=", bus ? bus->address : "none", NULL);

        stage->service = service_spawn_with(SERVICE_OPTIONS(address_option, listen_option), NULL, NULL, 0);
        g_assert_true(service_notified(stage->service, "READY=1", READY_SEC));
        stage->client = client_open(stage->address);
}

static void set_up(Socket *stage, const void *data) {
        (void) data;

        start(stage, NULL);
}

void socket_set_up_with_bus(Socket *stage, const void *data) {
        (void) data;

        start(stage, private_bus_start());
}

void socket_tear_down(Socket *stage, const void *data) {
        (void) data;

        sd_bus_flush_close_unref(stage->client);
        service_stop(stage->service);
        if (stage->bus)
                private_bus_stop(stage->bus);
        directory_remove(&stage->directory);
}

void socket_add(const char *name, void (*test)(Socket *socket, const void *data)) {
        g_test_add(name, Socket, NULL, set_up, test, socket_tear_down);
}

void socket_add_data_with_bus(const char *name,
                              const void *data,
                              void (*test)(Socket *socket, const void *data)) {
        g_test_add(name, Socket, data, socket_set_up_with_bus, test, socket_tear_down);
}

void socket_add_with_bus(const char *name, void (*test)(Socket *socket, const void *data)) {
        socket_add_data_with_bus(name, NULL, test);
}

unsigned socket_descriptors(const Socket *stage) {
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        return service_descriptors(stage->service);
}

void socket_settle(const Socket *stage, unsigned n) {
        gint64 deadline = g_get_monotonic_time() + SETTLE_SEC * G_USEC_PER_SEC;
        unsigned left;

        do
                left = socket_descriptors(stage);
        while (left > n && g_get_monotonic_time() < deadline);
        if (left > n)
                service_tell_descriptors(stage->service);
        g_assert_cmpuint(left, <=, n);
}
