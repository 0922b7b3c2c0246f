/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "machine.h"
#include "snapshot.h"

/* The daemon's state. One message is worked on at a time: what belongs to it is set by the filter that sees
 * it first, and dropped when the next one comes. */

typedef struct Callers Callers;
typedef struct Handouts Handouts;
typedef struct Hearing Hearing;
typedef struct Caller Caller;
typedef struct Readings Readings;
typedef struct Walks Walks;

typedef struct Service {
        sd_event *event;
        Machine *machine;
        sd_bus *bus; /* NULL if it serves on none */
        Callers *callers;
        Hearing *hearing;
        Handouts *handouts;
        Readings *readings;
        Walks *walks;
        bool sees_processes; /* false where /proc hides those of other users: then nobody can be told
                                anything */

        size_t bus_message_size; /* of the message that came from the bus last, for what waits: bytes */
        size_t n_queued_bytes;   /* of replies that peers of the socket have not read */
        uint32_t n_messages;     /* that sd-bus has handled */
        uint32_t n_answers;      /* that were sent past sd-bus */

        /* Of the message that is worked on. */
        Caller *caller;     /* who sent it; NULL if nobody needs to know */
        Snapshot *snapshot; /* of the object it is for, once that was looked at */
        bool is_absent;     /* the object was looked at, and is not there: sd-bus looks twice */
} Service;

/* Makes a service that reads the machine below 'root_fd', which it takes. '*ret' is set also on failure if
 * there was memory for it, so that the machine can tell what failed. */
int service_new(sd_event *event, int root_fd, Service **ret);
Service *service_free(Service *service);

static inline void service_freep(Service **service) {
        service_free(*service);
}

/* Serves on a bus: the system bus in life, any other in tests. One bus per service. */
int service_attach(Service *service, sd_bus *bus);

/* Calls 'lost' when the bus, at the other end of 'fd', does not hear us any more: see hearing.h. */
int service_watch_bus(Service *service, int fd, int (*lost)(void *userdata), void *userdata);

/* Lets go of the bus, if there is one, and of all who called over it. */
void service_detach(Service *service);

/* Adds to a connection the objects that speak of the caller's own unit; who calls is for the owner of the
 * connection to know. */
int service_attach_own(Service *service, sd_bus *bus);

/* Handles what of the bus was read and waits: who keeps the event loop busy with something else calls this
 * each time. sd-bus has a timer for it, which counts as waiting since this turn of the loop only, and so
 * could wait for ever. */
void service_yield_to_bus(Service *service);

/* Lets go of what belongs to the message that was worked on last. */
void service_forget_message(Service *service);

/* The same, and looks at the machine anew. Work that is done for no message of sd-bus's, or for one that has
 * waited, begins with this. */
void service_begin_work(Service *service);

/* A message has come from the bus, and may be answered. Returns 0 or an error. */
int service_hear_bus(Service *service);

/* Whether the bus has not taken so much that nobody is answered. */
bool service_bus_is_congested(const Service *service);

/* Every message on any connection begins with this. Returns 0 if it is to be handled, 1 if there is nothing
 * more to do (a call that wants no reply is not worked for), or an error. */
int service_begin_message(Service *service, sd_bus_message *message);

/* sd-bus reads what it wants of the arguments of a call about properties, and does not look at what follows.
 * Returns 0 if they are as they should be, 1 if there is nothing more to do, or an error. */
int service_check_arguments(sd_bus_message *message);

/* Opens what the sender of the message is about; 0, or an error that failure-reply.h knows. */
int service_open_caller(Service *service, Subject *ret);

/* Whether the service can do its work: it reads its own figures. 0 or an error of machine.h. */
int service_try(Service *service);
