/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages on the bus that are larger than any that is answered, up to what the bus lets through, or that
 * bring more descriptors than there is room for: the service does not hold them, and says so to whoever
 * waits for an answer. */

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "client.h"
#include "figure.h"
#include "names.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"

#define CALL_MAX (16 * 1024) /* of a whole call */
#define MEMORY_MAX (16 * MIB)
#define SECONDS 3
#define FIRST_SERIAL 7
#define ROUNDS 20
#define FDS_MAX 16 /* of one message: a bus lets no more through */

#define GET_UNIT                                                                                         \
        .destination = MYMEM_BUS_NAME, .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, \
        .member = "GetUnitByName"

static const char waiting[] = "STATUS=Answering at the socket, waiting for the bus.";

/* Which of these errors a message is, or "" if it is none. */
static const char *error_of(const GByteArray *answer) {
        static const char *const names[] = { MYMEM_ERROR_LIMITS_EXCEEDED, SD_BUS_ERROR_UNKNOWN_OBJECT };

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                if (memmem(answer->data, answer->len, names[i], strlen(names[i]) + 1))
                        return names[i];
        return "";
}

/* How large the argument may be for the call, with the name of its sender, to be just so large. The bus adds
 * that name, whose length the call itself does not tell. */
static size_t argument_for(const char *sender, size_t size) {
        const WireCall empty = { .serial = FIRST_SERIAL, GET_UNIT, .sender = sender, .text = "" };
        g_autoptr(GString) bytes = wire_write(&empty);

        return size - bytes->len;
}

/* What is said of a call by its size, and what follows is understood all the same. */
static void test_sizes(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        static const struct {
                size_t size;
                const char *error;
        } cases[] = {
                { CALL_MAX, MYMEM_ERROR_NO_SUCH_UNIT },        { CALL_MAX + 1, MYMEM_ERROR_LIMITS_EXCEEDED },
                { 2 * CALL_MAX, MYMEM_ERROR_LIMITS_EXCEEDED }, { MIB, MYMEM_ERROR_LIMITS_EXCEEDED },
                { 30 * MIB, MYMEM_ERROR_LIMITS_EXCEEDED },
        };

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = g_strnfill(argument_for(client_name(bus), cases[i].size), 'a');
                Figures figures;

                g_assert_cmpstr(
                        client_unit(bus, NULL, NULL, "GetUnitByName", "s", text), ==, cases[i].error);
                g_assert_cmpstr(client_figures(bus, &figures, "GetMemory", NULL), ==, NULL);
        }
        g_assert_false(service_notified(stage->service, waiting, 0));
        sd_bus_flush_close_unref(bus);
}

/* Sends the call and a Ping behind it; returns what is said of the call, NULL if nothing is. */
static const char *ask(int fd, WireCall call) {
        static uint32_t serial = FIRST_SERIAL;
        g_autoptr(GString) bytes = NULL;
        const char *said = NULL;
        const WireCall ping = { .serial = serial + 1,
                                .destination = MYMEM_BUS_NAME,
                                .path = MYMEM_MANAGER_PATH,
                                .interface = "org.freedesktop.DBus.Peer",
                                .member = "Ping" };

        call.serial = serial;
        serial += 2;
        bytes = wire_write(&call);
        g_assert_true(stranger_send(fd, bytes->str, bytes->len));
        g_assert_true(stranger_call(fd, &ping));
        for (;;) {
                g_autoptr(GByteArray) answer = stranger_read(fd);
                bool is_error;
                uint32_t answered;

                g_assert_nonnull(answer);
                answered = wire_reply_serial(answer, &is_error);
                if (answered == ping.serial)
                        return said;
                if (answered == call.serial)
                        said = error_of(answer);
        }
}

/* It need not be the argument that is large, and not everybody waits for an answer. */
static void test_kinds(Socket *stage, const void *data) {
        int fd = stranger_open_bus(stage->bus->address);
        g_autofree char *text = g_strnfill(MIB, 'a'), *path = g_strdup(text);

        (void) data;
        path[0] = '/';
        g_assert_cmpstr(ask(fd, (WireCall) { GET_UNIT, .text = text }), ==, MYMEM_ERROR_LIMITS_EXCEEDED);
        g_assert_cmpstr(ask(fd, (WireCall) { GET_UNIT, .text = text, .order = 'B' }),
                        ==,
                        MYMEM_ERROR_LIMITS_EXCEEDED);
        g_assert_cmpstr(ask(fd, (WireCall) { GET_UNIT, .text = text, .flags = WIRE_NO_REPLY }), ==, NULL);
        g_assert_cmpstr(
                ask(fd, (WireCall) { .destination = MYMEM_BUS_NAME, .path = path, .member = "GetMemory" }),
                ==,
                MYMEM_ERROR_LIMITS_EXCEEDED);
        path[CALL_MAX / 2] = '\0';
        g_assert_cmpstr(
                ask(fd, (WireCall) { .destination = MYMEM_BUS_NAME, .path = path, .member = "GetMemory" }),
                ==,
                SD_BUS_ERROR_UNKNOWN_OBJECT);
        close(fd);
}

/* A service that has not enough descriptors left for a call says so, and stays on the bus. */
static void test_scarce(Socket *stage, const void *data) {
        const WireCall call = { GET_UNIT, .serial = FIRST_SERIAL, .text = "a.service", .n_fds = FDS_MAX };
        g_autoptr(GString) bytes = wire_write(&call);
        int fd = stranger_open_bus(stage->bus->address), fds[FDS_MAX] = { 0 };
        sd_bus *bystander = client_open(stage->bus->address);
        const char *name = client_owner(bystander);

        (void) data;
        service_limit_descriptors(stage->service, socket_descriptors(stage) + FDS_MAX / 2);
        for (unsigned i = 0; i < ROUNDS; i++) {
                g_autoptr(GByteArray) answer = NULL;
                bool is_error;

                g_assert_true(stranger_send_fds(fd, bytes->str, bytes->len, fds, FDS_MAX));
                answer = stranger_answer(fd, call.serial, &is_error);
                g_assert_nonnull(answer);
                g_assert_true(is_error);
                g_assert_cmpstr(error_of(answer), ==, MYMEM_ERROR_LIMITS_EXCEEDED);
                g_assert_cmpstr(client_ping(bystander), ==, NULL);
        }
        g_assert_cmpstr(client_owner(bystander), ==, name);
        close(fd);
        sd_bus_flush_close_unref(bystander);
}

/* As many of the largest as there can be. */
static void test_flood(Socket *stage, const void *data) {
        static const Attack attack = {
                .name = "vast",
                .calls = { { .path = MYMEM_MANAGER_PATH,
                             .interface = MYMEM_MANAGER_INTERFACE,
                             .member = "GetMemory" } },
                .n_text = 30 * MIB,
        };
        gint64 until = g_get_monotonic_time() + SECONDS * G_USEC_PER_SEC;
        uint64_t memory = 0;
        Attacker attacker;

        (void) data;
        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }

        attacker = attack_start(&attack, stage->bus->address, MYMEM_BUS_NAME, NULL);
        while (g_get_monotonic_time() < until) {
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                memory = MAX(memory, service_memory(stage->service));
        }
        attack_end(&attacker);
        g_test_message("at most %" G_GUINT64_FORMAT " kB", memory / 1024);
        /* In a wrapper, or with a sanitizer, that is not its own alone. */
        if (service_is_bare())
                g_assert_cmpuint(memory, <=, MEMORY_MAX);
        g_assert_false(service_notified(stage->service, waiting, 0));
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/vast/sizes", test_sizes);
        socket_add_with_bus("/vast/kinds", test_kinds);
        socket_add_with_bus("/vast/scarce", test_scarce);
        socket_add_with_bus("/vast/flood", test_flood);

        return stage_run();
}
