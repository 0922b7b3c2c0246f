/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

/* A client in C: a connection and calls to the service over it. Every call returns NULL or the name of the
 * error it got, interned, so that a test compares it in one line and a failing one names it. */

#define CLIENT_TIMEOUT_USEC (20 * UINT64_C(1000000))

typedef struct Figures {
        uint64_t limit;
        uint64_t usage;
        uint64_t working_set;
} Figures;

/* Connects to the bus at 'address'. */
sd_bus *client_open(const char *address);

/* The same where it need not work; NULL if it does not. */
sd_bus *client_try(const char *address);

/* The two halves of it, for two processes: one opens the connection, another speaks over it. */
int client_connect(const char *address);
sd_bus *client_adopt(int fd);

/* The connection's unique name. */
const char *client_name(sd_bus *bus);

/* The service's, interned: another one after it has joined the bus anew. */
const char *client_owner(sd_bus *bus);

/* The same, or NULL if nobody has the name. */
const char *client_find_owner(sd_bus *bus);

/* Makes a call and waits for the answer; 'ret' may be NULL. */
const char *client_call(sd_bus *bus,
                        sd_bus_message **ret,
                        const char *path,
                        const char *interface,
                        const char *member,
                        const char *types,
                        ...);

/* A member of the Manager that answers with limit, usage and working set. */
const char *client_figures(sd_bus *bus, Figures *ret, const char *member, const char *types, ...);

/* A member of the Manager that answers with a unit and its object; the strings are interned. */
const char *client_unit(sd_bus *bus,
                        const char **ret_unit,
                        const char **ret_path,
                        const char *member,
                        const char *types,
                        ...);

/* Calls GetMemory and does not wait: 'handler' hears the answer. 'slot' may be NULL. */
void client_begin(sd_bus *bus, sd_bus_slot **slot, sd_bus_message_handler_t handler, void *userdata);

/* Gets one property, whatever it is. */
const char *client_get(sd_bus *bus, const char *path, const char *interface, const char *property);

/* Ping: when it is answered, the service is done with all that came before. */
const char *client_ping(sd_bus *bus);

/* The object of a control group: each component of 'control_group' is a label. Free with g_free(). */
char *client_object(const char *control_group);
