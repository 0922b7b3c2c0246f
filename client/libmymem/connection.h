/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mymem.h>
#include <systemd/sd-bus.h>

/* A connection to the service, of our own: the socket that it listens on, or the system bus. Whatever the
 * other side does, nothing here waits beyond the deadline, and nothing goes to the host program's own
 * connections. */

typedef struct Connection {
        sd_bus *bus;
        enum mymem_source source; /* MYMEM_SOURCE_SOCKET or _BUS */
        uint64_t deadline_usec;   /* CLOCK_MONOTONIC */
} Connection;

/* Opens one to MYMEM_SOCKET or DBUS_SYSTEM_BUS_ADDRESS of the environment, or where they are by default.
 * -ENOENT if that is set to nothing: it shall not be tried. Whether somebody answers shows later. */
int connection_open(enum mymem_source source, uint64_t deadline_usec, Connection *ret);

/* Closed without flushing, which would wait for a peer that does not read. */
void connection_done(Connection *connection);

/* Begins a call to an object of the service's. */
int connection_new_call(Connection *connection,
                        const char *path,
                        const char *interface,
                        const char *member,
                        sd_bus_message **ret);

/* Waits until messages can be exchanged. Only for what needs to know what the other side can take:
 * descriptors. */
int connection_wait_ready(Connection *connection);

/* Makes the call and waits for the reply, which may be an error. Returns 0, or an error if there is none in
 * time. */
int connection_call(Connection *connection, sd_bus_message *message, sd_bus_message **ret);

/* Turns the connection over once: what has come is taken, or else waited for. Returns 0 or more, or an error
 * if that was in vain. */
int connection_turn(Connection *connection);
