/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "service.h"

/* One connection of the socket: D-Bus without a bus. Its peer is told of its own unit, and of nothing else.
 * Who it is, the kernel said when it connected; what its messages say of their sender plays no part. It may
 * cost a bounded amount of memory and descriptors, and is closed when it wants more. */

typedef struct Peer Peer;

/* Makes a peer of a connection that was accepted; takes the descriptor, also when it fails. */
int peer_new(Service *service, int fd, Peer **ret);
Peer *peer_free(Peer *peer);

static inline void peer_freep(Peer **peer) {
        peer_free(*peer);
}

/* Whether the connection is set up: it can make calls. */
bool peer_is_ready(const Peer *peer);

/* Does one piece of work for the peer: handles one message, or takes in what the peer has sent. Returns 1 if
 * there may be more to do at once, 0 if it is the peer's turn, or an error that ends the connection. */
int peer_serve(Peer *peer);

/* The events, of epoll(7), that the peer is to be served for. */
uint32_t peer_events(const Peer *peer);
