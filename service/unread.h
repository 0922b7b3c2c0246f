/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"

/* What a peer has been answered, and has not read. */

typedef struct Unread {
        Service *service; /* has the sum of all peers */
        sd_bus *bus;      /* holds the replies that the kernel does not; NULL without a connection */
        int fd;           /* of the peer */
        size_t n_bytes;   /* an upper bound of what sd-bus holds */
} Unread;

/* How many replies sd-bus holds, because the peer does not read. */
uint64_t unread_count(const Unread *unread);

/* Whether the peer has not read all it was sent. */
bool unread_is_any(const Unread *unread);

/* Notes what a turn has added. 'before' is how many replies there were before it, 'is_answered' whether a
 * message was handled in it. Returns 0, or -ENOBUFS if the peer does not read what it asks for. */
int unread_check(Unread *unread, uint64_t before, bool is_answered);

/* There is none any more, nor will there be: the connection goes. */
void unread_forget(Unread *unread);
