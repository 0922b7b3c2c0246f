/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "directory.h"

/* A message bus of a test's own: a real dbus-daemon or a real dbus-broker, as MYMEM_TEST_BROKER in the
 * environment says, on a socket in a directory of its own. Everybody may do everything on it unless a policy
 * is given. */

typedef struct PrivateBus {
        Directory directory;
        const char *address;
        pid_t pid; /* the dbus-daemon, or the process that controls the dbus-broker */
} PrivateBus;

/* Says whether MYMEM_TEST_BROKER asks for a dbus-broker. */
bool private_bus_is_broker(void);

/* Says whether the program that MYMEM_TEST_BROKER asks for is there. */
bool private_bus_is_installed(void);

/* Starts the bus and returns when it answers at its address. */
PrivateBus *private_bus_start(void);

/* The process that passes on the messages. */
pid_t private_bus_program(const PrivateBus *bus);

/* Lets the bus go away, with its socket, and come back at the same address. */
void private_bus_leave(PrivateBus *bus);
void private_bus_return(PrivateBus *bus);

/* Ends the bus; its clients see their connections closed. */
void private_bus_stop(PrivateBus *bus);
