/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service.h"

/* The socket: who may connect. Those who did are guests. */

typedef struct Listener Listener;

/* Serves those who connect to 'fd', which it takes, also when it fails: a listening stream socket of
 * AF_UNIX. */
int listener_new(Service *service, int fd, Listener **ret);
Listener *listener_free(Listener *listener);

static inline void listener_freep(Listener **listener) {
        listener_free(*listener);
}
