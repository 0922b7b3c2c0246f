/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ask.h"
#include "opened.h"

/* The open files that the service hands out. */

typedef struct Handout {
        OpenedGroups opened;
        Snapshot *snapshot; /* of the same moment, as far as two calls can be */
        enum mymem_source source;
        int refusal; /* nobody handed out anything, but the service gave this reason; 0 if it gave none */
} Handout;

/* Asks for one's own, by when each place has to have answered. Returns 1 with '*ret' set, 0 if nobody
 * answered, or the service's final word as ask_snapshot() does. */
int handout_ask(uint64_t socket_usec, uint64_t bus_usec, Handout *ret);

/* The same over a connection that is open already. */
int handout_ask_over(Connection *connection, Handout *ret);

void handout_done(Handout *handout);
