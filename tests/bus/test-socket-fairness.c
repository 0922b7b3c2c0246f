/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whoever asks as much as they can, everybody else is answered: on the bus, at the socket, and on the other
 * one of the two. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"

#define N_FLOODS 15  /* and the stage's client: as many as one user may have */
#define N_AT_ONCE 48 /* fewer than are taken to be too many */
#define N_CALLS 20
#define BOUND_SEC 5 /* for one call */

#define N_GROUPS 400 /* below one, whose object takes some milliseconds to be introspected */
#define HEAVY_CALLS (10 * N_AT_ONCE)
#define HEAVY_MAX 4 /* of them before each other call */

/* Somebody who always has calls on their way. */
typedef struct Flood {
        pid_t pid;
        int counter_fd; /* a byte for each round that was answered */
} Flood;

static const WireCall usual = { .serial = 7,
                                .path = MYMEM_SELF_PATH,
                                .interface = "org.freedesktop.DBus.Properties",
                                .member = "GetAll",
                                .text = MYMEM_UNIT_INTERFACE };

/* There is never a moment without a call: half of them are answered, and as many are sent. */
static void flood_socket(const char *address, const WireCall *call, int counter_fd) {
        g_autoptr(GString) one = wire_write(call), half = g_string_new(NULL);
        int fd = stranger_open(address);

        for (unsigned i = 0; i < N_AT_ONCE / 2; i++)
                g_string_append_len(half, one->str, (gssize) one->len);
        g_assert_true(stranger_send(fd, half->str, half->len));
        for (;;) {
                g_assert_true(stranger_send(fd, half->str, half->len));
                for (unsigned i = 0; i < N_AT_ONCE / 2; i++) {
                        g_autoptr(GByteArray) reply = stranger_read(fd);

                        g_assert_nonnull(reply);
                }
                (void) !write(counter_fd, "", 1);
        }
}

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        unsigned *n = userdata;

        (void) message;
        (void) error;
        (*n)--;
        return 0;
}

static void flood_bus(const char *address, const WireCall *call, int counter_fd) {
        sd_bus *bus = client_open(address);
        unsigned n = 0;

        for (;;) {
                for (; n < N_AT_ONCE; n++)
                        g_assert_cmpint(sd_bus_call_method_async(bus,
                                                                 NULL,
                                                                 MYMEM_BUS_NAME,
                                                                 call->path,
                                                                 call->interface,
                                                                 call->member,
                                                                 on_answer,
                                                                 &n,
                                                                 call->text ? "s" : NULL,
                                                                 call->text),
                                        >=,
                                        0);
                while (n > N_AT_ONCE / 2)
                        if (sd_bus_process(bus, NULL) == 0)
                                g_assert_cmpint(sd_bus_wait(bus, UINT64_MAX), >=, 0);
                (void) !write(counter_fd, "", 1);
        }
}

static Flood flood_start(const char *address,
                         const WireCall *call,
                         void (*run)(const char *address, const WireCall *call, int counter_fd)) {
        Flood flood;
        int counter[2];

        g_assert_cmpint(pipe2(counter, O_CLOEXEC | O_NONBLOCK), ==, 0);
        flood.pid = child_fork();
        if (flood.pid == 0) {
                child_keep(&counter[1], 1);
                run(address, call, counter[1]);
        }
        close(counter[1]);
        flood.counter_fd = counter[0];
        /* It has begun. */
        g_assert_true(child_hear(flood.counter_fd));
        return flood;
}

/* Each of them is answered as well: takes what it has counted, and waits for more. */
static void flood_check(const Flood *flood) {
        char bytes[4096];

        while (read(flood->counter_fd, bytes, sizeof(bytes)) == sizeof(bytes))
                ;
        g_assert_true(child_hear(flood->counter_fd));
}

static void flood_end(Flood *flood) {
        child_kill(flood->pid);
        close(flood->counter_fd);
}

static void check_served(sd_bus *client) {
        gint64 longest = 0;

        for (unsigned i = 0; i < N_CALLS; i++) {
                gint64 start = g_get_monotonic_time();
                Figures figures;

                g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
                longest = MAX(longest, g_get_monotonic_time() - start);
        }
        g_test_message("answered within %" G_GINT64_FORMAT " ms", longest / 1000);
        g_assert_cmpint(longest, <, BOUND_SEC * G_USEC_PER_SEC);
}

static void test_sockets(Socket *stage, const void *data) {
        Flood floods[N_FLOODS];
        sd_bus *known = client_open(stage->bus->address), *new;
        Figures figures;

        (void) data;
        g_assert_cmpstr(client_figures(known, &figures, "GetMemory", NULL), ==, NULL);
        for (size_t i = 0; i < N_FLOODS; i++)
                floods[i] = flood_start(stage->address, &usual, flood_socket);

        check_served(known);
        /* For whom the bus driver has to be asked. */
        new = client_open(stage->bus->address);
        check_served(new);
        check_served(stage->client);
        for (size_t i = 0; i < N_FLOODS; i++)
                flood_check(&floods[i]);

        for (size_t i = 0; i < N_FLOODS; i++)
                flood_end(&floods[i]);
        sd_bus_flush_close_unref(known);
        sd_bus_flush_close_unref(new);
}

static void test_buses(Socket *stage, const void *data) {
        Flood floods[N_FLOODS];
        sd_bus *other = client_open(stage->bus->address), *new;

        (void) data;
        for (size_t i = 0; i < N_FLOODS; i++)
                floods[i] = flood_start(stage->bus->address, &usual, flood_bus);

        check_served(stage->client);
        new = client_open(stage->address);
        check_served(new);
        check_served(other);

        for (size_t i = 0; i < N_FLOODS; i++)
                flood_end(&floods[i]);
        sd_bus_flush_close_unref(new);
        sd_bus_flush_close_unref(other);
}

/* Both at once, and each of them is served. */
static void test_both(Socket *stage, const void *data) {
        Flood socket = flood_start(stage->address, &usual, flood_socket),
              bus = flood_start(stage->bus->address, &usual, flood_bus);

        (void) data;
        for (unsigned i = 0; i < 20; i++) {
                flood_check(&socket);
                flood_check(&bus);
        }
        flood_end(&socket);
        flood_end(&bus);
}

static void make_groups(const Slice *slice) {
        g_autofree char *directory = group_memory_directory(slice->path);

        for (unsigned i = 0; i < N_GROUPS; i++) {
                g_autofree char *group = g_strdup_printf("%s/group%u", directory, i);

                g_assert_cmpint(mkdir(group, 0755), ==, 0);
        }
}

/* Calls that take their time have it one by one: few of them come before somebody else's. */
static void test_heavy(Socket *stage, const void *data) {
        Slice *slice = slice_new();
        unsigned n_heavy = 0, n = 0;
        WireCall heavy;
        Flood flood;

        (void) data;
        if (!slice)
                return;
        make_groups(slice);
        g_autofree char *path = client_object(slice->path);
        heavy = (WireCall) { .path = path,
                             .interface = "org.freedesktop.DBus.Introspectable",
                             .member = "Introspect" };
        flood = flood_start(stage->bus->address, &heavy, flood_bus);

        flood_check(&flood);
        while (n_heavy < HEAVY_CALLS) {
                char bytes[HEAVY_CALLS];
                Figures figures;
                ssize_t answered;

                g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
                n++;
                answered = read(flood.counter_fd, bytes, sizeof(bytes));
                n_heavy += answered > 0 ? (unsigned) answered * N_AT_ONCE / 2 : 0;
        }
        g_test_message("%u calls while there were %u heavy ones", n, n_heavy);
        g_assert_cmpuint(n_heavy, <=, n * HEAVY_MAX);

        flood_end(&flood);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/socket-fairness/sockets", test_sockets);
        socket_add_with_bus("/socket-fairness/buses", test_buses);
        socket_add_with_bus("/socket-fairness/both", test_both);
        socket_add_with_bus("/socket-fairness/heavy", test_heavy);

        return stage_run();
}
