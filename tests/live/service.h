/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* The real mymemd on a private dbus-daemon, both started here and both ended here. */

typedef struct Service {
        char *directory; /* holds the socket and the configuration of the bus */
        char *address;   /* of the bus, also in DBUS_SYSTEM_BUS_ADDRESS from then on */
        pid_t bus;
        pid_t daemon;
} Service;

/* Makes the directory. Ends the test program if it cannot. */
void service_prepare(Service *ret);

/* Starts both and waits until the service says that it is ready. Ends the test program if it cannot. */
void service_start(Service *service);

/* Ends what was started. */
void service_stop(Service *service);

/* Removes the directory, also of a service that another process started. */
void service_clean(Service *service);
