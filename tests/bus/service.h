/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The program under test, $MYMEM_SERVICE, as a service manager would run it. What it writes to stderr goes
 * to the test's own, where it is seen when something fails. $MYMEM_WRAPPER, if it is set, are the words of a
 * program that runs it and looks at what it does, as valgrind. */

typedef struct Service {
        pid_t pid;
        int notify_fd;
        GPtrArray *notifications; /* the lines it has sent so far */
} Service;

/* Starts the program for the bus at 'address' (NULL: no --address=) and returns at once. 'variable' is one
 * more NAME=VALUE for its environment, or NULL. */
Service *service_spawn(const char *address, const char *variable);

/* What a service manager hands over: a descriptor, which stays the giver's, and what it is called. */
typedef struct Handover {
        int fd;
        const char *name;
} Handover;

#define HANDOVERS_MAX 8

/* The same with any options, which end with NULL, and with descriptors that were opened before it started.
 */
Service *service_spawn_with(const char *const *options,
                            const char *variable,
                            const Handover *handovers,
                            size_t n_handovers);

/* The options of service_spawn_with(), in place. */
#define SERVICE_OPTIONS(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* Waits for the notification 'line'. Returns false when the program ended without it or the bound has
 * passed. */
bool service_notified(Service *service, const char *line, unsigned seconds);

/* service_spawn(), then waits until the program says that it is ready. */
Service *service_start(const char *address);

/* Waits for the program's end and returns its exit status, -1 if a signal ended it. Frees the service. */
int service_wait(Service *service);

/* Ends the program as a service manager would; it must do so by itself, with success, in time. */
void service_stop(Service *service);

/* Whether the memory that it uses is its own alone, and no sanitizer's and no wrapper's. */
bool service_is_bare(void);

/* The seconds for which the program has kept a processor busy so far. */
double service_busy(const Service *service);

/* Whether the program has sent something through a socket that was not read yet. */
bool service_has_unread(const Service *service);

/* How many descriptors the program has open. */
unsigned service_descriptors(const Service *service);

/* How many it may have. */
void service_limit_descriptors(const Service *service, unsigned n);

/* Says in the test's log which these are. */
void service_tell_descriptors(const Service *service);

/* The bytes of memory that are the program's alone. */
uint64_t service_memory(const Service *service);

/* The most address space that the program ever had. Memory that was asked for and not used yet is in it. */
uint64_t service_peak(const Service *service);
