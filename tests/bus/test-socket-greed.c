/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Peers that want more than they need: they ask and do not listen, or send descriptors with everything. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <unistd.h>

#include "client.h"
#include "figure.h"
#include "names.h"
#include "socket.h"
#include "stranger.h"

#define MAX_FDS 16 /* of one message */
#define KEPT_MAX 8 /* descriptors of the figures of who asks again */
#define CLOSED_SEC 20

/* With descriptors. After each that brings as many as the kernel passes on, the service rests until they
 * are closed: how long that takes for many is a matter of the machine. */
#define N_CALLS 10

static const WireCall calls[] = {
        { .serial = 7,
          .path = MYMEM_SELF_PATH,
          .interface = "org.freedesktop.DBus.Properties",
          .member = "GetAll",
          .text = MYMEM_UNIT_INTERFACE },
        { .serial = 7, .path = MYMEM_SELF_PATH, .interface = MYMEM_UNIT_INTERFACE, .member = "GetChain" },
        { .serial = 7,
          .path = MYMEM_SELF_PATH,
          .interface = MYMEM_UNIT_INTERFACE,
          .member = "GetStatistics" },
        { .serial = 7,
          .path = MYMEM_SELF_PATH,
          .interface = "org.freedesktop.DBus.Introspectable",
          .member = "Introspect" },
        { .serial = 7, .path = MYMEM_SELF_PATH, .interface = "org.freedesktop.DBus.Peer", .member = "Ping" },
        /* An error is an answer, too. */
        { .serial = 7, .path = "/", .interface = MYMEM_MANAGER_INTERFACE, .member = "ListUnits" },
        { .serial = 7,
          .path = MYMEM_MANAGER_PATH,
          .interface = MYMEM_MANAGER_INTERFACE,
          .member = "OpenMemory" },
};

/* Asks thousands of times and never reads an answer: it is closed, and everybody else is served. */
static void test_deaf(Socket *stage, const void *data) {
        unsigned descriptors;

        (void) data;
        descriptors = socket_descriptors(stage);
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
                g_autoptr(GString) call = wire_write(&calls[i]);
                int fd = stranger_open(stage->address);
                unsigned n = 0;

                while (stranger_send(fd, call->str, call->len)) {
                        g_assert_cmpuint(++n, <, 1000000);
                        if (n % 100 == 0)
                                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                }
                g_test_message("closed after %u times %s", n, calls[i].member);
                socket_settle(stage, descriptors);
                close(fd);
        }
        g_test_message("%" G_GUINT64_FORMAT " bytes", service_memory(stage->service));
        if (service_is_bare())
                g_assert_cmpuint(service_memory(stage->service), <=, 16 * MIB);
}

/* Who reads, if late, gets all answers to what a client may ask at once. */
static void test_late(Socket *stage, const void *data) {
        int fd = stranger_open(stage->address);

        (void) data;
        for (unsigned i = 0; i < 64; i++)
                g_assert_true(stranger_call(fd, &calls[0]));
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        for (unsigned i = 0; i < 64; i++) {
                g_autoptr(GByteArray) reply = stranger_read(fd);
                bool is_error;

                g_assert_nonnull(reply);
                g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, 7);
        }
        close(fd);
}

/* Sends calls with that many descriptors each, and says that there are 'n_said'. */
static bool send_calls(int fd, unsigned n_calls, size_t n_fds, uint32_t n_said) {
        const WireCall call = { .serial = 7,
                                .path = MYMEM_MANAGER_PATH,
                                .interface = MYMEM_MANAGER_INTERFACE,
                                .member = "GetMemory",
                                .n_fds = n_said };
        g_autoptr(GString) bytes = wire_write(&call);
        int fds[256];

        for (size_t i = 0; i < n_fds; i++)
                fds[i] = STDERR_FILENO;
        for (unsigned i = 0; i < n_calls; i++)
                if (!stranger_send_fds(fd, bytes->str, bytes->len, fds, n_fds))
                        return false;
        return true;
}

/* As many descriptors as a message may have, in each of many: none stays. */
static void test_descriptors(Socket *stage, const void *data) {
        unsigned descriptors;
        int fd;

        (void) data;
        fd = stranger_open(stage->address);
        g_assert_true(stranger_ping(fd, 8));
        descriptors = socket_descriptors(stage);
        for (unsigned i = 0; i < 200; i++) {
                g_assert_true(send_calls(fd, 4, MAX_FDS, MAX_FDS));
                g_assert_true(stranger_ping(fd, 8));
                /* They are closed by a thread, which may be behind. */
                socket_settle(stage, descriptors + 4 * MAX_FDS + KEPT_MAX);
        }
        close(fd);
        socket_settle(stage, descriptors);
}

/* More than a message may have close the connection; that there are others than it says is no matter, for
 * nobody uses them. */
static void test_other_descriptors(Socket *stage, const void *data) {
        static const struct {
                size_t n;
                uint32_t n_said;
                bool is_closed;
        } cases[] = {
                { MAX_FDS + 1, MAX_FDS + 1, true },
                { 253, 253, true },
                { 253, 0, true },
                { 3, 0, false },
                { 3, 16, false },
                { 0, 16, false },
                { 3, UINT32_MAX, false },
        };
        unsigned descriptors;

        (void) data;
        descriptors = socket_descriptors(stage);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                int fd = stranger_open(stage->address);

                g_test_message("%zu descriptors, said to be %u", cases[i].n, cases[i].n_said);
                (void) send_calls(fd, N_CALLS, cases[i].n, cases[i].n_said);
                if (cases[i].is_closed)
                        g_assert_true(stranger_is_closed(fd, CLOSED_SEC));
                else
                        g_assert_true(stranger_ping(fd, 8));
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                close(fd);
                socket_settle(stage, descriptors);
        }
}

/* Descriptors that come with what is no message, and is dropped. */
static void test_invalid(Socket *stage, const void *data) {
        static const WireCall invalid[] = {
                { .serial = 7, .member = "GetMemory", .n_fds = MAX_FDS },
                { .serial = 7, .path = "no/path", .member = "GetMemory", .n_fds = MAX_FDS },
                { .serial = 7, .path = "/", .member = "no member", .n_fds = MAX_FDS },
                { .serial = 7, .path = "/", .interface = "none", .member = "GetMemory", .n_fds = MAX_FDS },
                { .serial = 0, .path = "/", .member = "GetMemory", .n_fds = MAX_FDS },
        };
        int fds[MAX_FDS] = { 0 };
        unsigned descriptors;

        (void) data;
        descriptors = socket_descriptors(stage);
        for (size_t i = 0; i < G_N_ELEMENTS(invalid); i++) {
                g_autoptr(GString) bytes = wire_write(&invalid[i]);
                int fd = stranger_open(stage->address);

                g_test_message("case %zu", i);
                for (unsigned n = 0; n < 50; n++)
                        if (!stranger_send_fds(fd, bytes->str, bytes->len, fds, MAX_FDS))
                                break;
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                close(fd);
                socket_settle(stage, descriptors);
        }
}

/* Descriptors with each byte of one message, and before there are messages at all. */
static void test_descriptors_in_pieces(Socket *stage, const void *data) {
        const WireCall call = { .serial = 7,
                                .path = MYMEM_MANAGER_PATH,
                                .interface = MYMEM_MANAGER_INTERFACE,
                                .member = "GetMemory",
                                .n_fds = 100 };
        g_autoptr(GString) bytes = g_string_new_len(STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE);
        g_autoptr(GString) message = wire_write(&call), heard = g_string_new(NULL);
        const int own = STDERR_FILENO;
        GByteArray *reply;
        unsigned descriptors;
        bool is_error;
        int fd;

        (void) data;
        g_string_append_len(bytes, message->str, (gssize) message->len);
        descriptors = socket_descriptors(stage);
        fd = stranger_connect(stage->address);
        for (size_t i = 0; i < bytes->len; i++)
                g_assert_true(stranger_send_fds(fd, bytes->str + i, 1, &own, 1));
        g_assert_true(stranger_hear(fd, heard, "AGREE_UNIX_FD\r\n"));
        reply = stranger_read(fd);
        g_assert_nonnull(reply);
        g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, 7);
        g_assert_false(is_error);
        g_byte_array_unref(reply);
        close(fd);
        socket_settle(stage, descriptors);
}

/* A call that comes together with one that brings descriptors is answered like any other; so is that. */
static void test_descriptors_behind(Socket *stage, const void *data) {
        const WireCall first = { .serial = 7,
                                 .path = MYMEM_MANAGER_PATH,
                                 .interface = MYMEM_MANAGER_INTERFACE,
                                 .member = "GetMemory" };
        WireCall second = first;
        int fd = stranger_open(stage->address), own = STDERR_FILENO;
        g_autoptr(GString) both = wire_write(&first), bytes = NULL;

        (void) data;
        second.serial = 8;
        second.n_fds = 1;
        bytes = wire_write(&second);

        /* While it is stopped, both arrive. */
        g_assert_cmpint(kill(stage->service->pid, SIGSTOP), ==, 0);
        g_assert_true(stranger_send(fd, both->str, both->len));
        g_assert_true(stranger_send_fds(fd, bytes->str, bytes->len, &own, 1));
        g_assert_cmpint(kill(stage->service->pid, SIGCONT), ==, 0);
        for (uint32_t serial = 7; serial <= 8; serial++) {
                g_autoptr(GByteArray) reply = stranger_read(fd);
                bool is_error;

                g_assert_nonnull(reply);
                g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, serial);
                g_assert_false(is_error);
        }
        close(fd);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-greed/deaf", test_deaf);
        socket_add("/socket-greed/late", test_late);
        socket_add("/socket-greed/descriptors", test_descriptors);
        socket_add("/socket-greed/other-descriptors", test_other_descriptors);
        socket_add("/socket-greed/invalid", test_invalid);
        socket_add("/socket-greed/descriptors-in-pieces", test_descriptors_in_pieces);
        socket_add("/socket-greed/descriptors-behind", test_descriptors_behind);

        return g_test_run();
}
