/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "directory.h"
#include "service.h"

/* A bus that is played by the test: the service is its only client, and the test is the bus driver and all
 * other clients at once. So the test decides when, and how, the driver answers the service's question who a
 * caller is. What else the service asks of the driver is answered as any bus does. */

#define DRIVER_PATIENCE_SEC 60

typedef struct Driver {
        Directory directory;
        sd_bus *bus;
        Service *service;
        GQueue *lookups;  /* of sd_bus_message: GetConnectionCredentials that wait for the test to answer */
        GPtrArray *asked; /* the names of all who were asked for so far */
} Driver;

/* A call that a client of this bus makes. */
typedef struct Call {
        sd_bus_slot *slot;
        sd_bus_message *reply; /* NULL until it comes */
        const char *error;     /* the name, interned; NULL if the reply is none */
        gint64 sent_at;
        gint64 answered_at;
} Call;

/* Starts the bus and the service on it. */
Driver *driver_start(void);
void driver_stop(Driver *driver);

/* Makes a call in the name of 'sender' (":1.42"), and does not wait. */
Call *driver_call(
        Driver *driver, const char *sender, const char *path, const char *interface, const char *member);
void call_free(Call *call);

/* The same with a text for its argument, or none if that is NULL. */
Call *driver_call_text(Driver *driver,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *member,
                       const char *text);

/* The same for a call that wants no reply. */
void driver_send(
        Driver *driver, const char *sender, const char *path, const char *interface, const char *member);

/* Waits until the call is answered; one that is not within the bound fails the test. */
void driver_wait(Driver *driver, Call *call);

/* Calls Ping for some other client and waits: whatever was sent to the service before has been looked at
 * then. */
void driver_ping(Driver *driver);

/* Waits for the service's next question who somebody is. To be unreferenced. */
sd_bus_message *driver_next_lookup(Driver *driver);

/* Whom the question is about. */
const char *driver_lookup_name(sd_bus_message *lookup);

/* How often the service asked who that is. */
unsigned driver_count(const Driver *driver, const char *sender);

/* Answers a question as a bus without ProcessFD does: root, or that user, has connected with that number. */
void driver_answer(Driver *driver, sd_bus_message *lookup, pid_t pid);
void driver_answer_user(Driver *driver, sd_bus_message *lookup, pid_t pid, uid_t uid);

/* Answers it as a bus with ProcessFD does. */
void driver_answer_fd(Driver *driver, sd_bus_message *lookup, pid_t pid, int pidfd);

/* Answers it with an error. */
void driver_refuse(Driver *driver, sd_bus_message *lookup, const char *error);

/* Begins an answer of any content, which driver_send_answer() sends and unreferences. */
sd_bus_message *driver_begin_answer(Driver *driver, sd_bus_message *lookup);
void driver_send_answer(Driver *driver, sd_bus_message *answer);
