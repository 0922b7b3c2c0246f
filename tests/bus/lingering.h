/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <netinet/in.h>

/* Descriptors that take as long to close as who made them likes: TCP connections that wait until what was
 * said is taken, by somebody who takes nothing. */

#define LINGER_SEC 120 /* longer than anybody here waits */

/* Connections, and their other ends, which are ours. */
typedef struct Lingering {
        int listen_fd;
        struct sockaddr_in address;
        GArray *other_fds;
} Lingering;

void lingering_begin(Lingering *lingering);

/* One more of them. */
int lingering_open(Lingering *lingering);

/* Nobody waits for us any more. */
void lingering_end(Lingering *lingering);
