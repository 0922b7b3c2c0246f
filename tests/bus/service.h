/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The program under test, $MYMEM_SERVICE, as a service manager would run it. What it writes to stderr goes
 * to the test's own, where it is seen when something fails. */

typedef struct Service {
        pid_t pid;
        int notify_fd;
        GPtrArray *notifications; /* the lines it has sent so far */
} Service;

/* Starts the program for the bus at 'address' (NULL: no --address=) and returns at once. 'variable' is one
 * more NAME=VALUE for its environment, or NULL. */
Service *service_spawn(const char *address, const char *variable);

/* Waits for the notification 'line'. Returns false when the program ended without it or the bound has
 * passed. */
bool service_notified(Service *service, const char *line, unsigned seconds);

/* service_spawn(), then waits until the program says that it is ready. */
Service *service_start(const char *address);

/* Waits for the program's end and returns its exit status, -1 if a signal ended it. Frees the service. */
int service_wait(Service *service);

/* Ends the program as a service manager would; it must do so by itself, with success, in time. */
void service_stop(Service *service);

/* How many descriptors the program has open. */
unsigned service_descriptors(const Service *service);

/* The bytes of memory that are the program's alone. */
uint64_t service_memory(const Service *service);
