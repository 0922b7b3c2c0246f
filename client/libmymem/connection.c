/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cleanup.h"
#include "connection.h"
#include "machine.h"
#include "names.h"

#define CONNECTION_SOCKET_PATH "/run/mymem/bus"

static int connect_socket(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = -1;
        size_t length = strlen(path);

        if (length >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, length + 1);

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        /* Where too many are waiting to be accepted, it fails at once. */
        if (connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;

        return take_fd(&fd);
}

/* On the socket the service is the peer: there is no bus driver to say Hello to. */
static int open_socket(sd_bus **ret) {
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        const char *path = secure_getenv("MYMEM_SOCKET");
        int fd, r;

        if (!path)
                path = CONNECTION_SOCKET_PATH;
        if (*path == '\0')
                return -ENOENT;

        fd = connect_socket(path);
        if (fd < 0)
                return fd;

        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_fd(bus, fd, fd);
        if (r < 0) {
                closep(&fd);
                return r;
        }

        r = sd_bus_start(bus);
        if (r < 0)
                return r;

        *ret = take_ptr(&bus);
        return 0;
}

static int open_bus(sd_bus **ret) {
        const char *address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");

        if (address && *address == '\0')
                return -ENOENT;

        return sd_bus_open_system(ret);
}

int connection_open(enum mymem_source source, uint64_t deadline_usec, Connection *ret) {
        Connection connection = { .source = source, .deadline_usec = deadline_usec };
        int r;

        assert(ret);

        r = source == MYMEM_SOURCE_SOCKET ? open_socket(&connection.bus) : open_bus(&connection.bus);
        if (r < 0)
                return r;

        *ret = connection;
        return 0;
}

void connection_done(Connection *connection) {
        assert(connection);

        connection->bus = sd_bus_close_unref(connection->bus);
}

int connection_new_call(Connection *connection,
                        const char *path,
                        const char *interface,
                        const char *member,
                        sd_bus_message **ret) {
        assert(connection);

        return sd_bus_message_new_method_call(
                connection->bus,
                ret,
                connection->source == MYMEM_SOURCE_SOCKET ? NULL : MYMEM_BUS_NAME,
                path,
                interface,
                member);
}

/* sd_bus_call() and sd_bus_flush() would wait without bound for a peer that
 * accepts the connection and then says nothing, sd_bus_process() for one that never stops to talk. */
int connection_turn(Connection *connection) {
        uint64_t now;
        int r;

        assert(connection);

        now = machine_now_usec();
        if (now >= connection->deadline_usec)
                return -ETIMEDOUT;

        r = sd_bus_process(connection->bus, NULL);
        if (r == 0)
                r = sd_bus_wait(connection->bus, connection->deadline_usec - now);
        return r == -EINTR ? 0 : r;
}

int connection_wait_ready(Connection *connection) {
        int r;

        assert(connection);

        while ((r = sd_bus_is_ready(connection->bus)) == 0) {
                r = connection_turn(connection);
                if (r < 0)
                        return r;
        }

        return r < 0 ? r : 0;
}

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        sd_bus_message **reply = userdata;

        (void) error;

        *reply = sd_bus_message_ref(message);
        return 1;
}

int connection_call(Connection *connection, sd_bus_message *message, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        int r;

        assert(connection);
        assert(message);
        assert(ret);

        /* Our own deadline is sooner than any that sd-bus has. */
        r = sd_bus_call_async(connection->bus, &slot, message, on_reply, &reply, UINT64_MAX);
        if (r < 0)
                return r;

        while (!reply) {
                r = connection_turn(connection);
                if (r < 0)
                        return r;
        }

        *ret = take_ptr(&reply);
        return 0;
}
