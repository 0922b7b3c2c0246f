/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

#include "service.h"

/* The service's place on a bus: a connection, and the name. When either is lost, or cannot be had yet, it is
 * tried for again, first after a tenth of a second, then after twice as long each time, up to a second: who
 * starts the service by a call waits 25 seconds for the name. */

typedef struct BusLink BusLink;

/* Is told what becomes of it: r is 0 if the name is owned now, and else what went wrong, with a sentence
 * about it; -ECOMM if the bus does not hear us (hearing.h). It will be tried again all the same, until the
 * link is freed. */
typedef void (*BusLinkTold)(int r, const char *what, void *userdata);

/* Tries for the bus at the address (NULL: the system bus) as soon as the event loop turns. Nothing is waited
 * for: early at boot there may be a socket of the bus, and nobody behind it yet, while our own socket is
 * asked already. */
int bus_link_new(Service *service, const char *address, BusLinkTold told, void *userdata, BusLink **ret);

/* Leaves the bus, without waiting for it to read what it was sent. */
BusLink *bus_link_free(BusLink *link);

static inline void bus_link_freep(BusLink **link) {
        bus_link_free(*link);
}

/* To be called before the event loop waits, each time, and after it has prepared for that. Where the
 * descriptor of a connection cannot be watched any more, sd-bus gives it up and tells nobody, and the bus
 * would wait for answers for ever. Returns true if that has happened just now: the loop must not wait then.
 */
bool bus_link_check(BusLink *link);

/* Whether trying again is of no use: the address is none, or the bus says that the name is not for us. */
bool bus_link_is_final(int r);
