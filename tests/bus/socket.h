/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "directory.h"
#include "private-bus.h"
#include "service.h"

/* The other stage: the service at a socket of its own, and a client there. A new one for each test. */

typedef struct Socket {
        Directory directory; /* its "bus" is the socket */
        const char *address;
        PrivateBus *bus; /* that the service is on as well, or NULL */
        Service *service;
        sd_bus *client; /* of the socket */
} Socket;

/* The halves of g_test_add()'s fixture, for a service that is on a bus, too. */
void socket_set_up_with_bus(Socket *stage, const void *data);
void socket_tear_down(Socket *stage, const void *data);

/* A test of the socket alone, and one where the service is on a bus, too. */
void socket_add(const char *name, void (*test)(Socket *socket, const void *data));
void socket_add_with_bus(const char *name, void (*test)(Socket *socket, const void *data));

/* The latter with data of its own. */
void socket_add_data_with_bus(const char *name,
                              const void *data,
                              void (*test)(Socket *socket, const void *data));

/* Waits until the service is done with everything it was sent, and returns how many descriptors it has open
 * then. */
unsigned socket_descriptors(const Socket *stage);

/* The same, and waits until they are no more than 'n'. */
void socket_settle(const Socket *stage, unsigned n);
