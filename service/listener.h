/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service.h"

/* The socket: who may connect, and who is served next. All its peers together do one piece of work per turn
 * of the event loop, one after the other, so that neither they nor the bus can keep the other from being
 * served, however much is asked. */

typedef struct Listener Listener;

/* Serves those who connect to 'fd', which it takes, also when it fails: a listening stream socket of
 * AF_UNIX. */
int listener_new(Service *service, int fd, Listener **ret);
Listener *listener_free(Listener *listener);

static inline void listener_freep(Listener **listener) {
        listener_free(*listener);
}
