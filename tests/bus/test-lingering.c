/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors that take long to close, sent over the bus: nobody waits for them. */

#include <glib.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "lingering.h"
#include "names.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"

#define FDS_MAX 16 /* of one message: a bus lets no more through */
#define MESSAGES 8 /* more than what a thread that closes them takes at once */
#define ROUNDS 20  /* of calls by others */
#define REMEMBERED \
        (2 * (ROUNDS + 1) + 5) /* descriptors that are kept of those who called, and of one's figures */
#define FIRST_SERIAL 7
#define DRIVER_SERIAL 1000

/* Others are answered, on the bus and at the socket, by calls of all kinds. */
static void check_served(const Socket *stage, sd_bus *bystander) {
        for (unsigned i = 0; i < ROUNDS; i++) {
                sd_bus *bus = client_open(stage->bus->address);
                Figures figures;

                g_assert_cmpstr(client_figures(bus, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpstr(client_figures(bystander, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                sd_bus_flush_close_unref(bus);
        }
}

/* Waits until the bus has dealt with what was sent before. */
static void await_bus(int fd) {
        const WireCall call = { .serial = DRIVER_SERIAL,
                                .destination = "org.freedesktop.DBus",
                                .path = "/org/freedesktop/DBus",
                                .interface = "org.freedesktop.DBus",
                                .member = "GetId" };
        bool is_error;

        for (unsigned i = 0; i < 2; i++) {
                g_assert_true(stranger_call(fd, &call));
                g_byte_array_unref(stranger_answer(fd, DRIVER_SERIAL, &is_error));
        }
}

/* The service is stopped until nobody else has the descriptors: who closes one last waits. */
static void send_lingering(const Socket *stage, Lingering *lingering, int fd, const WireCall *call) {
        g_autoptr(GString) bytes = wire_write(call);
        int fds[FDS_MAX];

        child_stop(stage->service->pid);
        for (size_t i = 0; i < FDS_MAX; i++)
                fds[i] = lingering_open(lingering);
        g_assert_true(stranger_send_fds(fd, bytes->str, bytes->len, fds, FDS_MAX));
        for (size_t i = 0; i < FDS_MAX; i++)
                close(fds[i]);
        await_bus(fd);
        child_continue(stage->service->pid);
}

/* With calls that take descriptors, that take none, that are too large, and that want no reply. */
static void test_calls(Socket *stage, const void *data) {
        g_autofree char *large = g_strnfill(32 * 1024, 'a');
#define MANAGER(name)                                                                \
        .n_fds = FDS_MAX, .destination = MYMEM_BUS_NAME, .path = MYMEM_MANAGER_PATH, \
        .interface = MYMEM_MANAGER_INTERFACE, .member = (name)
        const uint8_t index[4] = { 0 };
        const WireCall calls[] = {
                { MANAGER("GetMemory") },
                { MANAGER("GetMemoryByPIDFD"), .signature = "h", .body = index, .body_size = sizeof(index) },
                { MANAGER("GetUnitByName"), .text = large },
                { MANAGER("GetMemory"), .flags = WIRE_NO_REPLY },
        };
        sd_bus *bystander = client_open(stage->bus->address);
        int fd = stranger_open_bus(stage->bus->address);
        uint32_t serial = FIRST_SERIAL;
        Lingering lingering;
        unsigned before;

        (void) data;
        check_served(stage, bystander);
        before = socket_descriptors(stage);
        lingering_begin(&lingering);

        for (unsigned i = 0; i < MESSAGES * G_N_ELEMENTS(calls); i++) {
                WireCall call = calls[i % G_N_ELEMENTS(calls)];

                call.serial = serial++;
                send_lingering(stage, &lingering, fd, &call);
                if (!(call.flags & WIRE_NO_REPLY)) {
                        bool is_error;
                        g_autoptr(GByteArray) answer = stranger_answer(fd, call.serial, &is_error);

                        g_assert_nonnull(answer);
                        g_assert_true(is_error == (i % G_N_ELEMENTS(calls) != 0));
                }
        }
        check_served(stage, bystander);
        g_test_message("%u descriptors, before %u", service_descriptors(stage->service), before);
        g_assert_cmpuint(service_descriptors(stage->service), >, before + MESSAGES * FDS_MAX);

        lingering_end(&lingering);
        close(fd);
        socket_settle(stage, before + REMEMBERED);
        sd_bus_flush_close_unref(bystander);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/lingering/calls", test_calls);

        return stage_run();
}
