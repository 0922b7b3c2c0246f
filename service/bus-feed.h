/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service.h"

/* What comes from the bus, before sd-bus gets it. sd-bus reads a message as a whole, and holds it; messages
 * may be as large as the bus lets them be, while nothing that we answer needs more than a few hundred bytes.
 * It closes the descriptors that come with them, and waits for those that take their time. So we read what
 * the bus says, and give sd-bus at the other end of a socket pair what it is to see: no call that is large,
 * and of the descriptors only those of processes. What it says goes to the bus directly. The call that is
 * made most is answered here. */

typedef struct BusFeed BusFeed;

/* Makes a connection of the socket of a bus, which it takes, also when it fails. Once the bus has gone away,
 * sd-bus says so. */
int bus_feed_new(Service *service, int fd, BusFeed **ret);
BusFeed *bus_feed_free(BusFeed *feed);

static inline void bus_feed_freep(BusFeed **feed) {
        bus_feed_free(*feed);
}

/* The connection, which is the feed's. */
sd_bus *bus_feed_bus(const BusFeed *feed);

/* The socket of the bus, which is the feed's, too. */
int bus_feed_socket(const BusFeed *feed);

/* Begins to read, in the event loop of the service, to which the connection is attached. */
int bus_feed_start(BusFeed *feed);

/* Says to the bus that we are gone. */
void bus_feed_end(BusFeed *feed);

/* Lets go of the socket, which sd-bus has closed. Were it still open, the event loop could meet what sd-bus
 * had there: that is not freed of it if epoll_ctl() fails, and the loop's next look is at freed memory. */
void bus_feed_part(BusFeed *feed);
