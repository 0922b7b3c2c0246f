/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A call that is made again and again is answered at once, without sd-bus: but as by sd-bus. Which of the
 * two it was is told by the number of the answer. */

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "socket.h"
#include "stranger.h"

#define AT_ONCE (UINT32_C(1) << 31) /* in the numbers of answers that are not sd-bus's */
#define REPEATED 20                 /* times a call that never is answered so */
#define PATIENCE 1000               /* calls until one is that may be: what is kept is taken anew at times */
#define UNREAD_MAX 2000             /* answers */
#define PING_SERIAL 3

#define GET_MEMORY .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, .member = "GetMemory"

static const WireCall usual = { .serial = 7, GET_MEMORY, .destination = MYMEM_BUS_NAME };

static const WireCall ping = { .serial = PING_SERIAL,
                               .path = MYMEM_MANAGER_PATH,
                               .interface = "org.freedesktop.DBus.Peer",
                               .member = "Ping" };

static uint32_t serial_of(const GByteArray *message) {
        uint32_t serial;

        memcpy(&serial, message->data + WIRE_SERIAL_OFFSET, sizeof(serial));
        return serial;
}

static bool is_at_once(const GByteArray *answer) {
        return serial_of(answer) & AT_ONCE;
}

/* The answer to a call with that number. */
static GByteArray *read_answer(int fd, uint32_t serial) {
        GByteArray *answer = stranger_read(fd);
        bool is_error;

        g_assert_nonnull(answer);
        g_assert_cmpuint(wire_reply_serial(answer, &is_error), ==, serial);
        return answer;
}

static GByteArray *ask(int fd, const WireCall *call) {
        g_assert_true(stranger_call(fd, call));
        return read_answer(fd, call->serial);
}

/* What sd-bus says: two calls that come together are for it. */
static GByteArray *ask_sd_bus(int fd, const WireCall *call) {
        g_autoptr(GString) both = wire_write(&ping), bytes = wire_write(call);

        g_string_append_len(both, bytes->str, (gssize) bytes->len);
        g_assert_true(stranger_send(fd, both->str, both->len));
        g_byte_array_unref(read_answer(fd, PING_SERIAL));
        return read_answer(fd, call->serial);
}

/* Calls until it is answered at once. */
static GByteArray *warm_up(int fd, const WireCall *call) {
        for (unsigned i = 0; i < PATIENCE; i++) {
                GByteArray *answer = ask(fd, call);

                if (is_at_once(answer))
                        return answer;
                g_byte_array_unref(answer);
        }
        g_assert_not_reached();
}

/* A connection that was set up; one that is known makes the usual call again and again before. */
static int open_connection(const Socket *stage, bool is_known) {
        int fd = stranger_open(stage->address);

        if (is_known)
                g_byte_array_unref(warm_up(fd, &usual));
        return fd;
}

/* The service is done with what was sent before. */
static void await_turn(const Socket *stage) {
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
}

/* Compares two messages: in all but their own numbers, and in what of the figures does not move. */
static void check_same(const GByteArray *one, const GByteArray *other) {
        bool is_error;

        g_assert_cmpuint(one->len, ==, other->len);
        g_assert_cmpmem(one->data, WIRE_SERIAL_OFFSET, other->data, WIRE_SERIAL_OFFSET);
        g_assert_cmpuint(serial_of(one), !=, 0);
        g_assert_cmpuint(wire_reply_serial(one, &is_error), ==, wire_reply_serial(other, &is_error));
        if (one->data[1] == WIRE_RETURN && one->len == 64) { /* three figures, and no sender */
                g_assert_cmpmem(one->data + 12, 40 - 12, other->data + 12, 40 - 12);
                g_assert_cmpuint(wire_number(one, 0), ==, wire_number(other, 0));
                figure_check(wire_number(one, 1), wire_number(other, 1), wire_number(other, 1));
                figure_check(wire_number(one, 2), wire_number(other, 2), wire_number(other, 2));
        } else if (one->data[1] == WIRE_ERROR)
                g_assert_cmpmem(one->data + 12, one->len - 12, other->data + 12, other->len - 12);
}

/* Those that may be answered at once, and those that may not: what is said is the same. */
static void test_calls(Socket *stage, const void *data) {
        g_autofree char *name = g_strnfill(200, 'a'), *long_name = g_strconcat("org.", name, NULL);
        const struct {
                WireCall call;
                bool is_usual;
        } cases[] = {
                { usual, true },
                { { .serial = UINT32_MAX, GET_MEMORY }, true },
                { { .serial = 7, GET_MEMORY, .order = 'B' }, true },
                { { .serial = 7, GET_MEMORY, .flags = 2 }, true }, /* start no service */
                { { .serial = 7, GET_MEMORY, .sender = ":1.7" }, false },
                { { .serial = 7, GET_MEMORY, .destination = long_name }, false },
                { { .serial = 7, GET_MEMORY, .n_fds = 1 }, false },
                { { .serial = 7, GET_MEMORY, .text = "all" }, false },
                { { .serial = 7, .path = MYMEM_MANAGER_PATH, .member = "GetMemory" }, false },
                { { .serial = 7,
                    .path = MYMEM_SELF_PATH,
                    .interface = MYMEM_MANAGER_INTERFACE,
                    .member = "GetMemory" },
                  false },
                { { .serial = 7,
                    .path = MYMEM_MANAGER_PATH,
                    .interface = MYMEM_MANAGER_INTERFACE,
                    .member = "GetAvailable" },
                  false },
        };
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                int fd = open_connection(stage, true);

                g_test_message("case %zu", i);
                if (cases[i].is_usual)
                        g_byte_array_unref(warm_up(fd, &cases[i].call));
                for (unsigned n = 0; n < REPEATED; n++) {
                        g_autoptr(GByteArray) answer = ask(fd, &cases[i].call);
                        g_autoptr(GByteArray) wanted = ask_sd_bus(fd, &cases[i].call);

                        g_assert_false(is_at_once(wanted));
                        g_assert_true(cases[i].is_usual || !is_at_once(answer));
                        check_same(answer, wanted);
                }
                close(fd);
        }
        scene_leave(&scene);
}

/* All that is said to these bytes and a Ping behind them. */
static GPtrArray *hear_all(const Socket *stage, int fd, const GString *bytes) {
        GPtrArray *heard = g_ptr_array_new_with_free_func((GDestroyNotify) g_byte_array_unref);
        GByteArray *message;

        if (stranger_send(fd, bytes->str, bytes->len))
                await_turn(stage);
        (void) stranger_call(fd, &ping);
        (void) shutdown(fd, SHUT_WR);
        while ((message = stranger_read(fd)))
                g_ptr_array_add(heard, message);
        close(fd);
        return heard;
}

static void turn_bit(GString *bytes, size_t i) {
        bytes->str[i / 8] = (char) ((uint8_t) bytes->str[i / 8] ^ 1U << i % 8);
}

/* Whatever differs from the usual call by a bit, who made that call before is answered as who did not. */
static void test_bytes(Socket *stage, const void *data) {
        g_autoptr(GString) bytes = wire_write(&usual);
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        for (size_t i = 0; i < 8 * bytes->len; i++) {
                turn_bit(bytes, i);
                g_autoptr(GPtrArray) known = hear_all(stage, open_connection(stage, true), bytes);
                g_autoptr(GPtrArray) new = hear_all(stage, open_connection(stage, false), bytes);

                if (known->len != new->len)
                        g_test_message("byte %zu, bit %zu", i / 8, i % 8);
                g_assert_cmpuint(known->len, ==, new->len);
                for (guint n = 0; n < new->len; n++)
                        check_same(known->pdata[n], new->pdata[n]);
                turn_bit(bytes, i);
        }
        scene_leave(&scene);
}

/* Sends two such calls, the first 'n' bytes of them first, and reads both answers. */
static void ask_in_two(const Socket *stage, int fd, const GString *both, size_t n) {
        g_assert_true(stranger_send(fd, both->str, n));
        await_turn(stage);
        g_assert_true(stranger_send(fd, both->str + n, both->len - n));
        for (unsigned i = 0; i < 2; i++) {
                g_autoptr(GByteArray) answer = read_answer(fd, usual.serial);

                g_assert_cmpuint(wire_number(answer, 0), ==, SCENE_UNIT_LIMIT);
        }
}

/* However it comes, each call has one answer, and the next is answered at once again. */
static void test_pieces(Socket *stage, const void *data) {
        const WireCall next = { .serial = 8, GET_MEMORY, .destination = MYMEM_BUS_NAME };
        g_autoptr(GString) both = wire_write(&usual);
        Scene scene;
        int fd;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        fd = open_connection(stage, true);
        g_string_append_len(both, both->str, (gssize) both->len);
        for (unsigned i = 0; i < REPEATED; i++)
                ask_in_two(stage, fd, both, 0);
        for (size_t n = 1; n < both->len; n++) {
                ask_in_two(stage, fd, both, n);
                g_byte_array_unref(warm_up(fd, &next));
        }
        close(fd);
        scene_leave(&scene);
}

/* What changes is seen by the next call, as if it were the first; and what is not asked again and again is
 * said in between. */
static void test_changes(Socket *stage, const void *data) {
        Scene scene;
        int fd;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        fd = open_connection(stage, true);
        for (unsigned i = 1; i <= REPEATED; i++) {
                uint64_t limit = SCENE_UNIT_LIMIT - i * MIB;

                group_write(scene.group, "memory.limit_in_bytes", limit);
                for (unsigned n = 0; n < 3; n++) {
                        g_autoptr(GByteArray) answer = ask(fd, &usual);

                        g_assert_cmpuint(wire_number(answer, 0), ==, limit);
                }
                g_assert_true(stranger_ping(fd, PING_SERIAL));
                g_byte_array_unref(warm_up(fd, &usual));
        }
        close(fd);
        scene_leave(&scene);
}

/* Who does not read fills what the kernel holds, then what the service does, and is closed. Each call up to
 * there has one answer. */
static void test_unread(Socket *stage, const void *data) {
        unsigned n_sent = 0, n_at_once = 0;
        GByteArray *answer;
        Scene scene;
        int fd;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        fd = open_connection(stage, true);
        for (; n_sent < UNREAD_MAX; n_sent++) {
                WireCall call = usual;

                call.serial = n_sent + 1;
                if (!stranger_call(fd, &call))
                        break;
                await_turn(stage);
        }
        g_assert_cmpuint(n_sent, <, UNREAD_MAX);
        for (uint32_t serial = 1; (answer = stranger_read(fd)); serial++) {
                bool is_error;

                g_assert_cmpuint(wire_reply_serial(answer, &is_error), ==, serial);
                g_assert_cmpuint(serial, <=, n_sent);
                n_at_once += is_at_once(answer);
                g_byte_array_unref(answer);
        }
        g_test_message("%u calls, of which %u were answered at once", n_sent, n_at_once);
        g_assert_cmpuint(n_at_once, >, 0);
        close(fd);
        scene_leave(&scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-usual/calls", test_calls);
        socket_add("/socket-usual/bytes", test_bytes);
        socket_add("/socket-usual/pieces", test_pieces);
        socket_add("/socket-usual/changes", test_changes);
        socket_add("/socket-usual/unread", test_unread);

        return g_test_run();
}
