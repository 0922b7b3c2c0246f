/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <mymem.h>

#include "calls.h"
#include "client.h"
#include "command.h"
#include "place.h"
#include "plain.h"
#include "row.h"
#include "socket.h"
#include "stage.h"

/* Calls that read, and one that does not: all as a unit makes them that lies three levels deep. */

#define DEPTH 3
#define CALLS row_times(3000, 300)
#define ONCE row_times(100, 20)

/* The library has the sources that are meant, and no others. */
static void choose_sources(const Socket *stage, bool on_socket, bool on_bus) {
        g_autofree char *path = g_build_filename(stage->directory.path, "bus", NULL);

        g_assert_true(g_setenv("MYMEM_SOCKET", on_socket ? path : "", true));
        g_assert_true(g_setenv("DBUS_SYSTEM_BUS_ADDRESS", on_bus ? stage->bus->address : "", true));
}

static void sample_handle(void *data) {
        struct mymem memory;

        g_assert_cmpint(mymem_sample(data, &memory), >=, 0);
}

typedef struct PingAndRead {
        sd_bus *bus;
        Plain *plain;
} PingAndRead;

static void ping_and_read(void *data) {
        const PingAndRead *both = data;

        call_ping(both->bus);
        plain_read(both->plain);
}

static void test_warm(Socket *stage, const void *data) {
        enum {
                PING,
                CALL,
                FLOOR,
                SOCKET,
                SAMPLE,
                SAMPLE_FLOOR,
                N
        };
        struct mymem_handle *handle;
        Plain call_files, sample_files;
        Samples samples[N];
        Place place;

        (void) data;
        if (!place_enter(&place, DEPTH))
                return;
        sd_bus *bus = client_open(stage->bus->address), *peer = client_open(stage->address);
        choose_sources(stage, true, false);
        g_assert_cmpint(mymem_open(&handle), >=, 0);
        plain_open_call(&call_files, place.group);
        plain_open_sample(&sample_files, place.group, place.slice->path);
        PingAndRead both = { bus, &call_files };

        const Variant variants[] = {
                [PING] = { .work = call_ping, .data = bus },
                [CALL] = { .work = call_get_memory, .data = bus },
                [FLOOR] = { .work = ping_and_read, .data = &both },
                [SOCKET] = { .work = call_get_memory, .data = peer },
                [SAMPLE] = { .work = sample_handle, .data = handle },
                [SAMPLE_FLOOR] = { .work = plain_read, .data = &sample_files },
        };
        samples_take(variants, samples, N, CALLS);
        bool is_broker = private_bus_is_broker();
        row_ratio(&(Row) { "warm GetMemory", "Ping", .at_most = is_broker ? 1.25 : 1.1 },
                  samples[CALL].p50,
                  samples[PING].p50);
        row_ratio(&(Row) { "Ping and pread of the same files: its floor", "Ping" },
                  samples[FLOOR].p50,
                  samples[PING].p50);
        row_ratio(&(Row) { "warm GetMemory, p99", "Ping, p99", .at_most = 1.3, .is_only_said = true },
                  samples[CALL].p99,
                  samples[PING].p99);
        row_ratio(&(Row) { "GetMemory over the socket",
                           "Ping over the bus",
                           .at_most = 0.6,
                           .is_only_said = true },
                  samples[SOCKET].p50,
                  samples[PING].p50);
        row_ratio(&(Row) { "sample of a handle", "Ping", .at_most = 0.2, .is_only_said = true },
                  samples[SAMPLE].p50,
                  samples[PING].p50);
        row_ratio(&(Row) { "pread of the same files: its floor", "Ping" },
                  samples[SAMPLE_FLOOR].p50,
                  samples[PING].p50);

        plain_close(&call_files);
        plain_close(&sample_files);
        mymem_close(handle);
        sd_bus_flush_close_unref(bus);
        sd_bus_flush_close_unref(peer);
        place_leave(&place);
}

static void test_sample(Socket *stage, const void *data) {
        struct mymem_handle *handle;
        Samples samples[2];
        Plain plain;
        Place place;

        (void) data;
        if (!place_enter(&place, DEPTH))
                return;
        choose_sources(stage, true, false);
        g_assert_cmpint(mymem_open(&handle), >=, 0);
        plain_open_sample(&plain, place.group, place.slice->path);
        const Variant variants[] = {
                { .work = sample_handle, .data = handle },
                { .work = plain_read, .data = &plain },
        };
        samples_take(variants, samples, G_N_ELEMENTS(variants), CALLS);
        row_ratio(&(Row) { "sample of a handle", "pread of the same files", .at_most = 1.5 },
                  samples[0].p50,
                  samples[1].p50);
        plain_close(&plain);
        mymem_close(handle);
        place_leave(&place);
}

typedef struct Newcomer {
        const char *address;
        void (*call)(void *data);
        sd_bus *bus;
} Newcomer;

static void newcomer_connect(void *data) {
        Newcomer *newcomer = data;

        newcomer->bus = client_open(newcomer->address);
        (void) client_name(newcomer->bus);
}

static void newcomer_call(void *data) {
        const Newcomer *newcomer = data;

        newcomer->call(newcomer->bus);
}

static void newcomer_leave(void *data) {
        Newcomer *newcomer = data;

        newcomer->bus = sd_bus_flush_close_unref(newcomer->bus);
}

static void test_first(Socket *stage, const void *data) {
        Newcomer caller = { stage->bus->address, call_get_memory, NULL };
        Newcomer pinger = { stage->bus->address, call_ping, NULL };
        enum {
                CALL,
                FIRST_PING,
                PING,
                N
        };
        Samples samples[N];
        Place place;

        (void) data;
        if (!place_enter(&place, DEPTH))
                return;
        sd_bus *bus = client_open(stage->bus->address);
        const Variant variants[] = {
                [CALL] = { newcomer_connect, newcomer_call, newcomer_leave, NULL, &caller },
                [FIRST_PING] = { newcomer_connect, newcomer_call, newcomer_leave, NULL, &pinger },
                [PING] = { .work = call_ping, .data = bus },
        };
        samples_take(variants, samples, N, row_times(1000, 200));
        row_ratio(&(Row) { "first GetMemory of a new connection",
                           "Ping",
                           .at_most = 2.4,
                           .is_only_said = true },
                  samples[CALL].p50,
                  samples[PING].p50);
        row_ratio(&(Row) { "first GetMemory of a new connection", "first Ping of one" },
                  samples[CALL].p50,
                  samples[FIRST_PING].p50);
        sd_bus_flush_close_unref(bus);
        place_leave(&place);
}

typedef struct Program {
        const Socket *stage;
        const char *argument;
        bool on_socket;
        char *output;
} Program;

static void program_prepare(void *data) {
        const Program *program = data;

        choose_sources(program->stage, program->on_socket, !program->on_socket);
        g_assert_true(g_setenv("ONCE_ADDRESS", program->stage->address, true));
}

static void program_run(void *data) {
        Program *program = data;

        g_assert_cmpint(
                command_run(COMMAND(g_getenv("MYMEM_ONCE"), program->argument), &program->output, NULL),
                ==,
                0);
}

static double program_clock(void *data) {
        const Program *program = data;

        return g_ascii_strtod(program->output, NULL);
}

static void program_finish(void *data) {
        Program *program = data;

        g_clear_pointer(&program->output, g_free);
}

static void test_once(Socket *stage, const void *data) {
        enum {
                ON_SOCKET,
                ON_BUS,
                FLOOR,
                N
        };
        Program on_socket = { stage, "socket", true, NULL };
        Program on_bus = { stage, "bus", false, NULL };
        Program floor = { stage, "ping", true, NULL };
        const Variant variants[] = {
                [ON_SOCKET] = { program_prepare, program_run, program_finish, program_clock, &on_socket },
                [ON_BUS] = { program_prepare, program_run, program_finish, program_clock, &on_bus },
                [FLOOR] = { program_prepare, program_run, program_finish, program_clock, &floor },
        };
        Samples samples[N];
        Place place;

        (void) data;
        if (!place_enter(&place, DEPTH))
                return;
        samples_take(variants, samples, N, ONCE);
        row_ratio(&(Row) { "`mymem_get` in a new process, socket",
                           "bus",
                           .at_most = 0.5,
                           .is_only_said = true },
                  samples[ON_SOCKET].p50,
                  samples[ON_BUS].p50);
        row_ratio(&(Row) { "Ping in a new process, socket: its floor", "`mymem_get` on the bus" },
                  samples[FLOOR].p50,
                  samples[ON_BUS].p50);
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        socket_add_with_bus("/calls/warm", test_warm);
        socket_add_with_bus("/calls/first", test_first);
        socket_add_with_bus("/calls/once", test_once);
        socket_add_with_bus("/calls/sample", test_sample);
        return stage_run();
}
