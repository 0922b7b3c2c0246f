/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bytes that no client sends: the connection they come from is closed, it has cost next to nothing, and
 * nobody else notices. */

#include <glib.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "figure.h"
#include "names.h"
#include "socket.h"
#include "stranger.h"

#define LARGEST (UINT32_C(128) * 1024 * 1024) /* of all messages that the protocol allows */
#define LARGE (LARGEST - 64)                  /* what sd-bus takes, with what belongs to it */
#define N_STRANGERS 12                        /* that do the same at once; a user may have 16 connections */
#define CLOSED_SEC 20

/* What a stranger says, one after the other. */
typedef struct Speech {
        const char *name;
        const char *before; /* and its size; NUL bytes are in it */
        size_t before_size;
        char order;
        uint32_t fields, body;
} Speech;

#define SAYS(text) (text), sizeof(text) - 1
#define AUTHENTICATION STRANGER_AUTHENTICATION

static const Speech speeches[] = {
        { "a large body", SAYS(AUTHENTICATION), 'l', 0, LARGE },
        { "a large body, the other order", SAYS(AUTHENTICATION), 'B', 0, LARGE },
        { "a body that is larger", SAYS(AUTHENTICATION), 'l', 0, LARGEST },
        { "large fields", SAYS(AUTHENTICATION), 'l', LARGE, 0 },
        { "large fields, the other order", SAYS(AUTHENTICATION), 'B', LARGE, 0 },
        { "both as large as can be written", SAYS(AUTHENTICATION), 'l', UINT32_MAX, UINT32_MAX },
        { "just too large", SAYS(AUTHENTICATION), 'l', 1024, 15 * 1024 },
        { "no byte order", SAYS(AUTHENTICATION), 'x', 0, 0 },
        { "BEGIN alone", SAYS("\0BEGIN\r\n"), 'l', 0, LARGE },
        { "BEGIN after an empty line", SAYS("\0\r\nBEGIN\r\n"), 'l', 0, LARGE },
        { "BEGIN without NUL", SAYS("AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"), 'l', 0, LARGE },
        { "BEGIN before it is verified", SAYS("\0AUTH EXTERNAL\r\nBEGIN\r\n"), 'l', 0, LARGE },
        { "BEGIN after what is refused", SAYS("\0AUTH NONSENSE\r\nBEGIN\r\n"), 'l', 0, LARGE },
        { "BEGIN after a uid that is none", SAYS("\0AUTH EXTERNAL 7a7a\r\nBEGIN\r\n"), 'l', 0, LARGE },
        { "BEGIN twice", SAYS(AUTHENTICATION "BEGIN\r\n"), 'l', 0, LARGE },
        { "HTTP", SAYS("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 'l', 0, LARGE },
};

/* What is asked for and not used counts as well: it would be used next. */
static void check_memory(const Socket *stage, uint64_t before) {
        uint64_t peak;

        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        peak = service_peak(stage->service);
        g_test_message("%" G_GUINT64_FORMAT " bytes, before %" G_GUINT64_FORMAT, peak, before);
        if (service_is_bare())
                g_assert_cmpuint(peak, <=, before + 16 * MIB);
}

/* Sends the bytes in pieces of that size; the connection may be closed long before their end. */
static void send_pieces(int fd, const GString *bytes, size_t piece) {
        for (size_t done = 0; done < bytes->len; done += piece)
                if (!stranger_send(fd, bytes->str + done, MIN(piece, bytes->len - done)))
                        return;
}

static GString *write_speech(const Speech *speech) {
        g_autoptr(GString) promise = wire_promise(speech->order, speech->fields, speech->body);
        GString *bytes = g_string_new_len(speech->before, (gssize) speech->before_size);

        g_string_append_len(bytes, promise->str, (gssize) promise->len);
        /* Some of what was promised. */
        for (unsigned i = 0; i < 4096; i++)
                g_string_append_c(bytes, 'l');
        return bytes;
}

/* Several at once, for what each of them costs adds up. */
static void check_speech(const Socket *stage, const Speech *speech, size_t piece) {
        g_autoptr(GString) bytes = write_speech(speech);
        unsigned descriptors;
        int fds[N_STRANGERS];
        uint64_t peak;

        g_test_message("%s, in pieces of %zu", speech->name, piece);
        descriptors = socket_descriptors(stage);
        peak = service_peak(stage->service);

        for (size_t i = 0; i < N_STRANGERS; i++) {
                fds[i] = stranger_connect(stage->address);
                send_pieces(fds[i], bytes, piece);
        }
        for (size_t i = 0; i < N_STRANGERS; i++) {
                g_assert_true(stranger_is_closed(fds[i], CLOSED_SEC));
                close(fds[i]);
        }
        check_memory(stage, peak);
        socket_settle(stage, descriptors);
}

static void test_at_once(Socket *stage, const void *data) {
        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(speeches); i++)
                check_speech(stage, &speeches[i], SIZE_MAX / 2);
}

static void test_in_pieces(Socket *stage, const void *data) {
        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(speeches); i++) {
                check_speech(stage, &speeches[i], 1);
                check_speech(stage, &speeches[i], 7);
        }
}

/* Waits until the service has taken all that was sent, or the connection is closed, and then for a turn. */
static void await_read(const Socket *stage, int fd) {
        gint64 deadline = g_get_monotonic_time() + CLOSED_SEC * G_USEC_PER_SEC;
        int n = 0;

        do {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        } while (!stranger_is_closed(fd, 0) && ioctl(fd, SIOCOUTQ, &n) == 0 && n > 0);
        for (unsigned i = 0; i < 5; i++)
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
}

/* What is a message to who believes that the authentication is over, and more authentication to who does
 * not: with a large message behind that. */
static void test_hidden(Socket *stage, const void *data) {
        static const struct {
                const char *name, *before;
                size_t size;
        } cases[] = {
                { "after nothing", SAYS("\0BEGIN\r\n") },
                { "after an empty line", SAYS("\0\r\nBEGIN\r\n") },
                { "after what is refused", SAYS("\0AUTH NONSENSE\r\nBEGIN\r\n") },
                { "before it is verified", SAYS("\0AUTH EXTERNAL\r\nBEGIN\r\n") },
        };
        unsigned descriptors;
        uint64_t peak;

        (void) data;
        descriptors = socket_descriptors(stage);
        peak = service_peak(stage->service);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                static const char again[] = "\r\nAUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
                g_autoptr(GString) bytes = g_string_new_len(cases[i].before, (gssize) cases[i].size);
                g_autoptr(GString) outer = wire_promise('l', 0, 15 * 1024),
                                   inner = wire_promise('l', 0, LARGE);
                int fd = stranger_connect(stage->address);

                g_test_message("%s", cases[i].name);
                g_string_append_len(bytes, outer->str, (gssize) outer->len);
                g_string_append(bytes, again);
                g_string_append_len(bytes, inner->str, (gssize) inner->len);
                for (unsigned n = 0; n < 8 * 1024; n++)
                        g_string_append_c(bytes, 'l');
                send_pieces(fd, bytes, SIZE_MAX / 2);
                await_read(stage, fd);
                check_memory(stage, peak);
                close(fd);
                socket_settle(stage, descriptors);
        }
}

/* A connection in use is no better off. */
static void test_later(Socket *stage, const void *data) {
        static const char orders[] = { 'l', 'B' };
        uint64_t peak;

        (void) data;
        socket_settle(stage, UINT_MAX);
        peak = service_peak(stage->service);
        for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
                g_autoptr(GString) promise = wire_promise(orders[i], 128, LARGE - 1024);
                int fd = stranger_open(stage->address);

                g_assert_true(stranger_ping(fd, 7));
                g_assert_true(stranger_ping(fd, 8));
                (void) stranger_send(fd, promise->str, promise->len);
                g_assert_true(stranger_is_closed(fd, CLOSED_SEC));
                check_memory(stage, peak);
                close(fd);
        }
}

/* An argument much larger than any that we take. */
static void test_strings(Socket *stage, const void *data) {
        g_autofree char *text = g_strnfill(MIB, 'x');
        WireCall call = { .serial = 7,
                          .path = MYMEM_MANAGER_PATH,
                          .interface = MYMEM_MANAGER_INTERFACE,
                          .member = "GetMemory",
                          .text = text };
        uint64_t peak;
        int fd;

        (void) data;
        peak = service_peak(stage->service);
        fd = stranger_open(stage->address);
        (void) stranger_call(fd, &call);
        g_assert_true(stranger_is_closed(fd, CLOSED_SEC));
        close(fd);
        check_memory(stage, peak);

        /* One of a size that is taken is an error like any other, and the connection lives. */
        text[12 * 1024] = '\0';
        fd = stranger_open(stage->address);
        g_assert_true(stranger_call(fd, &call));
        g_assert_true(stranger_ping(fd, 8));
        close(fd);
}

/* In both byte orders the same call gets the same answer. */
static void test_orders(Socket *stage, const void *data) {
        static const char orders[] = { 'l', 'B' };
        uint64_t limits[G_N_ELEMENTS(orders)];

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
                const WireCall call = { .order = orders[i],
                                        .serial = 7,
                                        .path = MYMEM_MANAGER_PATH,
                                        .interface = MYMEM_MANAGER_INTERFACE,
                                        .member = "GetMemory" };
                g_autoptr(GString) bytes = wire_write(&call);
                int fd = stranger_open(stage->address);
                GByteArray *reply;
                bool is_error;

                send_pieces(fd, bytes, 1);
                reply = stranger_read(fd);
                g_assert_nonnull(reply);
                g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, 7);
                g_assert_false(is_error);
                limits[i] = wire_number(reply, 0);
                g_byte_array_unref(reply);
                close(fd);
        }
        g_assert_cmpuint(limits[0], >, 0);
        g_assert_cmpuint(limits[0], ==, limits[1]);
}

/* The authentication and the calls after it in one write: what a client may do that asks for no descriptors.
 */
static void test_one_write(Socket *stage, const void *data) {
        const WireCall ping = { .serial = 7,
                                .path = MYMEM_MANAGER_PATH,
                                .interface = "org.freedesktop.DBus.Peer",
                                .member = "Ping" };
        g_autoptr(GString) bytes = g_string_new_len(STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE);
        g_autoptr(GString) call = wire_write(&ping), heard = g_string_new(NULL);
        int fd = stranger_connect(stage->address);

        (void) data;
        for (unsigned i = 0; i < 20; i++)
                g_string_append_len(bytes, call->str, (gssize) call->len);
        g_assert_true(stranger_send(fd, bytes->str, bytes->len));
        g_assert_true(stranger_hear(fd, heard, "AGREE_UNIX_FD\r\n"));
        for (unsigned i = 0; i < 20; i++) {
                g_autoptr(GByteArray) reply = stranger_read(fd);
                bool is_error;

                g_assert_nonnull(reply);
                g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, 7);
                g_assert_false(is_error);
        }
        close(fd);
}

/* Bytes at random, before and after the authentication, and calls with some of their bytes changed. The seed
 * is what --seed takes. */
static void test_garbage(Socket *stage, const void *data) {
        const WireCall get = { .serial = 7,
                               .path = MYMEM_SELF_PATH,
                               .interface = "org.freedesktop.DBus.Properties",
                               .member = "GetAll",
                               .text = MYMEM_UNIT_INTERFACE };
        unsigned descriptors;
        uint64_t peak;

        (void) data;
        descriptors = socket_descriptors(stage);
        peak = service_peak(stage->service);
        for (unsigned i = 0; i < 600; i++) {
                g_autoptr(GString) bytes = i % 3 == 2 ? wire_write(&get) : g_string_new(NULL);
                int fd;

                if (i % 3 == 2)
                        for (int n = g_test_rand_int_range(1, 4); n > 0; n--)
                                bytes->str[g_test_rand_int_range(0, (gint32) bytes->len)] =
                                        (char) g_test_rand_int_range(0, 256);
                else
                        for (int n = g_test_rand_int_range(1, 2000); n > 0; n--)
                                g_string_append_c(bytes, (char) g_test_rand_int_range(0, 256));

                fd = i % 3 == 0 ? stranger_connect(stage->address) : stranger_open(stage->address);
                send_pieces(fd, bytes, (size_t) g_test_rand_int_range(1, 500));
                close(fd);
        }
        socket_settle(stage, descriptors);
        check_memory(stage, peak);
}

/* Who says that it will say no more is done with; who will not listen any more, too. */
static void test_half_closed(Socket *stage, const void *data) {
        static const int halves[] = { SHUT_WR, SHUT_RD, SHUT_RDWR };
        unsigned descriptors;

        (void) data;
        descriptors = socket_descriptors(stage);
        for (size_t i = 0; i < G_N_ELEMENTS(halves); i++) {
                int early = stranger_connect(stage->address), late = stranger_open(stage->address);

                g_test_message("half %zu", i);
                g_assert_cmpint(shutdown(early, halves[i]), ==, 0);
                g_assert_cmpint(shutdown(late, halves[i]), ==, 0);
                if (halves[i] == SHUT_RD) {
                        /* It is noticed when there is something to be said. */
                        (void) stranger_send(early, STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE);
                        (void) stranger_call(late,
                                             &(WireCall) { .serial = 7,
                                                           .path = MYMEM_MANAGER_PATH,
                                                           .interface = MYMEM_MANAGER_INTERFACE,
                                                           .member = "GetMemory" });
                }
                socket_settle(stage, descriptors);
                close(early);
                close(late);
        }

        /* What was asked before is answered. */
        int fd = stranger_open(stage->address);

        g_assert_true(stranger_call(fd,
                                    &(WireCall) { .serial = 7,
                                                  .path = MYMEM_MANAGER_PATH,
                                                  .interface = MYMEM_MANAGER_INTERFACE,
                                                  .member = "GetMemory" }));
        g_assert_cmpint(shutdown(fd, SHUT_WR), ==, 0);
        g_autoptr(GByteArray) reply = stranger_read(fd);
        g_assert_nonnull(reply);
        close(fd);
        socket_settle(stage, descriptors);
}

/* A call of which one byte comes at a time holds up nobody, and is answered in the end. */
static void test_trickle(Socket *stage, const void *data) {
        const WireCall call = { .serial = 7,
                                .path = MYMEM_MANAGER_PATH,
                                .interface = MYMEM_MANAGER_INTERFACE,
                                .member = "GetMemory" };
        g_autoptr(GString) bytes = wire_write(&call);
        int fd = stranger_open(stage->address);
        Figures figures;

        (void) data;
        for (size_t i = 0; i < bytes->len; i++) {
                gint64 start = g_get_monotonic_time();

                g_assert_true(stranger_send(fd, bytes->str + i, 1));
                g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
        }
        g_autoptr(GByteArray) reply = stranger_read(fd);
        g_assert_nonnull(reply);
        close(fd);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-stream/at-once", test_at_once);
        socket_add("/socket-stream/in-pieces", test_in_pieces);
        socket_add("/socket-stream/hidden", test_hidden);
        socket_add("/socket-stream/later", test_later);
        socket_add("/socket-stream/strings", test_strings);
        socket_add("/socket-stream/orders", test_orders);
        socket_add("/socket-stream/one-write", test_one_write);
        socket_add("/socket-stream/garbage", test_garbage);
        socket_add("/socket-stream/half-closed", test_half_closed);
        socket_add("/socket-stream/trickle", test_trickle);

        return g_test_run();
}
