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

/* What there is to be done for a peer after a piece of work: */
enum {
        PEER_AWAITED, /* nothing, until it does something */
        PEER_BUSY,    /* perhaps more, at once */
        PEER_RESTS,   /* more, but not now: it brings descriptors, and others are not closed yet */
};

/* Whether nothing is on its way to the peer: it has read all answers. */
bool peer_is_idle(const Peer *peer);

/* Does one piece of work for the peer: handles one message, or takes in what the peer has sent. Returns one
 * of these, or an error: then it is to be parted from. */
int peer_serve(Peer *peer);

/* Closes the connection, piece by piece: what the peer has sent may hold descriptors still, and to close
 * these can take long. Returns PEER_BUSY or PEER_RESTS, or an error when there is nothing left. */
int peer_part(Peer *peer);

/* The events, of epoll(7), that the peer is to be served for. */
uint32_t peer_events(const Peer *peer);
