/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers that are not read, and calls that want none. */

#include <glib.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "names.h"
#include "socket.h"
#include "stranger.h"

#define N_PEERS 15 /* and the stage's client: as many as one user may have */
#define N_CALLS 2000
#define MARGIN 10 /* answers fewer than what one peer may leave unread */

static const WireCall get_all = { .serial = 7,
                                  .path = MYMEM_SELF_PATH,
                                  .interface = "org.freedesktop.DBus.Properties",
                                  .member = "GetAll",
                                  .text = MYMEM_UNIT_INTERFACE };

/* Reads the next message, which must answer that call; says whether it is the error. */
static bool read_error(int fd, uint32_t serial, const char *error) {
        g_autoptr(GByteArray) message = stranger_read(fd);
        bool is_error;

        g_assert_nonnull(message);
        g_assert_cmpuint(wire_reply_serial(message, &is_error), ==, serial);
        return is_error && memmem(message->data, message->len, error, strlen(error));
}

/* Descriptors count as the service's until they are taken: there are none for who has not read all before.
 */
static void test_open_memory(Socket *stage, const void *data) {
        WireCall open_memory = { .serial = 8,
                                 .path = MYMEM_MANAGER_PATH,
                                 .interface = MYMEM_MANAGER_INTERFACE,
                                 .member = "OpenMemory" };
        int fd = stranger_open(stage->address);

        (void) data;
        g_assert_true(stranger_call(fd, &get_all));
        g_assert_true(stranger_call(fd, &open_memory));
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_false(read_error(fd, 7, MYMEM_ERROR_LIMITS_EXCEEDED));
        g_assert_true(read_error(fd, 8, MYMEM_ERROR_LIMITS_EXCEEDED));

        open_memory.serial = 9;
        g_assert_true(stranger_call(fd, &open_memory));
        g_assert_false(read_error(fd, 9, MYMEM_ERROR_LIMITS_EXCEEDED));
        close(fd);
}

/* How long the service is at work for so many calls. */
static double work_for(const Socket *stage, int fd, uint8_t flags, unsigned n) {
        double busy = service_busy(stage->service);
        WireCall call = get_all;

        call.flags = flags;
        for (unsigned i = 0; i < n; i++) {
                g_assert_true(stranger_call(fd, &call));
                if (flags == 0)
                        g_assert_false(read_error(fd, call.serial, ""));
                else if (i % 64 == 0)
                        g_assert_true(stranger_ping(fd, 8));
        }
        g_assert_true(stranger_ping(fd, 8));
        return service_busy(stage->service) - busy;
}

/* Calls that want no answer get none, nor are they worked for. */
static void test_no_reply(Socket *stage, const void *data) {
        int fd = stranger_open(stage->address);
        double with, without;

        (void) data;
        with = work_for(stage, fd, 0, N_CALLS);
        without = work_for(stage, fd, WIRE_NO_REPLY, N_CALLS);
        g_test_message("%.3f s with, %.3f s without", with, without);
        g_assert_cmpfloat(without, <, with / 2);
        close(fd);
}

static bool is_closed(int fd) {
        struct pollfd entry = { .fd = fd };

        g_assert_cmpint(poll(&entry, 1, 0), >=, 0);
        return entry.revents & POLLHUP;
}

/* Asks up to so many times, and reads nothing. Returns how often it did before it was closed. */
static unsigned leave_unread(const Socket *stage, int fd, unsigned n) {
        for (unsigned i = 0; i < n; i++) {
                if (!stranger_call(fd, &get_all))
                        return i;
                /* The service is done with the call. */
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        }
        return n;
}

/* What each of them may, all together may not. */
static void test_all(Socket *stage, const void *data) {
        unsigned n_closed = 0, n;
        int fds[N_PEERS];

        (void) data;
        fds[0] = stranger_open(stage->address);
        n = leave_unread(stage, fds[0], UINT_MAX);
        g_test_message("one alone is closed after %u", n);
        close(fds[0]);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        for (size_t i = 0; i < N_PEERS; i++) {
                fds[i] = stranger_open(stage->address);
                (void) leave_unread(stage, fds[i], n - MARGIN);
                if (i < N_PEERS / 3)
                        g_assert_false(is_closed(fds[i]));
        }
        for (size_t i = 0; i < N_PEERS; i++) {
                n_closed += is_closed(fds[i]);
                close(fds[i]);
        }
        g_test_message("%u of %d were closed", n_closed, N_PEERS);
        g_assert_cmpuint(n_closed, >, 0);
        g_assert_cmpuint(n_closed, <, N_PEERS);

        /* When they are gone, there is room again. */
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        fds[0] = stranger_open(stage->address);
        g_assert_cmpuint(leave_unread(stage, fds[0], n - MARGIN), ==, n - MARGIN);
        g_assert_false(is_closed(fds[0]));
        close(fds[0]);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-unread/open-memory", test_open_memory);
        socket_add("/socket-unread/no-reply", test_no_reply);
        socket_add("/socket-unread/all", test_all);

        return g_test_run();
}
