/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "asks.h"
#include "fault.h"
#include "socket.h"
#include "supervisor.h"

/* A stage with the service below the filter: on a bus, and at a socket, with a client of each. */

#define SUPERVISED_CLIENTS 2

typedef struct Supervised {
        Socket stage;
        Scene scene;
        Fault *fault;
        Supervisor *supervisor;
        sd_bus *clients[SUPERVISED_CLIENTS]; /* of the bus, and of the socket */
        unsigned descriptors;                /* of the service, with these two alone */
} Supervised;

/* Who tests is in the scene's unit from then on. Returns false if it cannot be done here: then the test is
 * skipped. */
bool supervised_set_up(Supervised *supervised);
void supervised_tear_down(Supervised *supervised);

/* Where the i-th client is connected. */
const char *supervised_address(const Supervised *supervised, size_t i);

/* Asks until the answer is right, which must be soon; or the connection is gone, or cannot pass descriptors
 * where these are 'optional': then returns false. */
bool supervised_is_right(const Supervised *supervised, const Ask *ask, sd_bus *client, bool optional);

/* The fault is over: the i-th client gets the right answer, if need be over a new connection. */
void supervised_recover(Supervised *supervised, const Ask *ask, size_t i);

/* The service is still there, and holds no more descriptors than before. */
void supervised_check(Supervised *supervised);
