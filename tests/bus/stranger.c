/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stranger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "names.h"
#include "parcel.h"

int stranger_connect(const char *address) {
        int fd = client_connect(address);

        g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
        return fd;
}

/* Waits for what is to be done with the connection; one on which nothing happens fails the test. */
static void await(int fd, short events) {
        struct pollfd entry = { .fd = fd, .events = events };

        g_assert_cmpint(poll(&entry, 1, STRANGER_PATIENCE_SEC * 1000), ==, 1);
}

/* Whether the error says that the other side is gone, and not just that there is nothing to be done now. */
static bool is_gone(void) {
        if (errno == EAGAIN || errno == EINTR)
                return false;
        if (errno != EPIPE)
                g_assert_cmpint(errno, ==, ECONNRESET);
        return true;
}

bool stranger_send_fds(int fd, const void *data, size_t size, const int *fds, size_t n_fds) {
        size_t done = 0;

        while (done < size) {
                /* They go with the first byte. */
                ssize_t n = parcel_send(
                        fd, (const char *) data + done, size - done, fds, done == 0 ? n_fds : 0, 0);

                if (n >= 0)
                        done += (size_t) n;
                else if (is_gone())
                        return false;
                else
                        await(fd, POLLOUT);
        }

        return true;
}

bool stranger_send(int fd, const void *data, size_t size) {
        return stranger_send_fds(fd, data, size, NULL, 0);
}

bool stranger_call(int fd, const WireCall *call) {
        g_autoptr(GString) bytes = wire_write(call);

        return stranger_send(fd, bytes->str, bytes->len);
}

/* Reads that many bytes; false if the connection was closed before there were so many. */
static bool take(int fd, void *data, size_t size) {
        size_t done = 0;

        while (done < size) {
                ssize_t n = recv(fd, (char *) data + done, size - done, 0);

                if (n == 0 || (n < 0 && is_gone()))
                        return false;
                if (n > 0)
                        done += (size_t) n;
                else
                        await(fd, POLLIN);
        }

        return true;
}

bool stranger_hear(int fd, GString *heard, const char *end) {
        while (!g_str_has_suffix(heard->str, end)) {
                char byte;

                if (!take(fd, &byte, 1))
                        return false;
                g_string_append_c(heard, byte);
        }
        return true;
}

int stranger_try(const char *address) {
        g_autoptr(GString) heard = g_string_new(NULL);
        int fd = stranger_connect(address);

        if (stranger_send(fd, STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE) &&
            stranger_hear(fd, heard, "AGREE_UNIX_FD\r\n"))
                return fd;

        close(fd);
        return -1;
}

int stranger_open(const char *address) {
        int fd = stranger_try(address);

        g_assert_cmpint(fd, >=, 0);
        return fd;
}

GByteArray *stranger_read(int fd) {
        g_autoptr(GByteArray) message = g_byte_array_new();

        g_byte_array_set_size(message, WIRE_HEADER_SIZE);
        if (!take(fd, message->data, WIRE_HEADER_SIZE))
                return NULL;
        g_byte_array_set_size(message, (guint) wire_size(message->data));
        if (!take(fd, message->data + WIRE_HEADER_SIZE, message->len - WIRE_HEADER_SIZE))
                return NULL;
        return g_steal_pointer(&message);
}

int stranger_try_bus(const char *address) {
        static const WireCall hello = { .serial = 1,
                                        .destination = "org.freedesktop.DBus",
                                        .path = "/org/freedesktop/DBus",
                                        .interface = "org.freedesktop.DBus",
                                        .member = "Hello" };
        g_autoptr(GByteArray) answer = NULL;
        int fd = stranger_try(address);

        if (fd >= 0 && stranger_call(fd, &hello))
                answer = stranger_read(fd);
        if (answer)
                return fd;

        if (fd >= 0)
                close(fd);
        return -1;
}

int stranger_open_bus(const char *address) {
        int fd = stranger_try_bus(address);

        g_assert_cmpint(fd, >=, 0);
        return fd;
}

GByteArray *stranger_answer(int fd, uint32_t serial, bool *ret_is_error) {
        for (;;) {
                GByteArray *message = stranger_read(fd);

                if (!message || wire_reply_serial(message, ret_is_error) == serial)
                        return message;
                g_byte_array_unref(message);
        }
}

bool stranger_ping(int fd, uint32_t serial) {
        const WireCall ping = { .serial = serial,
                                .path = MYMEM_MANAGER_PATH,
                                .interface = "org.freedesktop.DBus.Peer",
                                .member = "Ping" };
        g_autoptr(GByteArray) answer = NULL;
        bool is_error;

        if (!stranger_call(fd, &ping))
                return false;

        answer = stranger_answer(fd, serial, &is_error);
        if (!answer)
                return false;
        g_assert_false(is_error);
        return true;
}

bool stranger_is_closed(int fd, unsigned seconds) {
        gint64 deadline = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
        char bytes[4096];

        for (;;) {
                struct pollfd entry = { .fd = fd, .events = POLLIN };
                gint64 left = MAX(deadline - g_get_monotonic_time(), 0);
                ssize_t n;

                if (poll(&entry, 1, (int) (left / 1000)) == 0 && left == 0)
                        return false;
                n = recv(fd, bytes, sizeof(bytes), 0);
                if (n == 0 || (n < 0 && is_gone()))
                        return true;
        }
}
