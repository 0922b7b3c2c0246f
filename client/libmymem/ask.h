/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mymem.h>
#include <stdbool.h>

#include "connection.h"
#include "snapshot.h"
#include "target.h"

/* Asking the service: about oneself on its socket, then on the system bus; about others on the bus alone. */

/* How long all of it may take, with what is done afterwards; and by when each has to have answered. */
#define ASK_SOCKET_USEC UINT64_C(400000)
#define ASK_BUS_USEC UINT64_C(800000)

typedef enum AskNeeds {
        ASK_ESSENTIALS, /* the figures, the unit and the control group: another version of the service may
                           lack the rest, which then is not known */
        ASK_ALL,        /* without one of the properties it is no answer */
        ASK_CHAIN,      /* the chain, too, asked for after them */
        ASK_MEMORY,     /* limit, usage and working set; of oneself the command asks for nothing else */
} AskNeeds;

/* What came of it. */
typedef struct Asked {
        Snapshot *snapshot;
        enum mymem_source source;
        int refusal;    /* nobody answered, but the service gave this reason; 0 if it gave none */
        char *sentence; /* the service's, with that or with its final word; NULL if it gave none */
} Asked;

/* How it is asked over a connection that is open already; returns as ask_snapshot() does. */
typedef int AskWay(Connection *connection, const Target *target, AskNeeds needs, Asked *ret);

/* Asks for a target's snapshot. Returns 1 with the answer; 0 if nobody answered, so that one may read for
 * oneself; or the service's final word, -ESRCH, -ENOENT or -ENODEV. '*ret' is set in all cases. */
int ask_snapshot(const Target *target, AskNeeds needs, Asked *ret);

/* The same in another way than ask_over(). */
int ask_in_way(AskWay *way, const Target *target, AskNeeds needs, Asked *ret);

/* The parts of it. Makes a call: returns 1 with a reply that is no error, else as above, with 'asked' told
 * of it. */
int ask_call(Connection *connection, sd_bus_message *message, Asked *asked, sd_bus_message **ret);

/* Gets the snapshot of an object into 'asked'; returns as ask_snapshot() does. */
int ask_get_all(Connection *connection, const char *path, AskNeeds needs, Asked *asked);

/* The parts of that: the call, and what its reply says; NULL if it is no answer. */
int ask_new_get_all(Connection *connection, const char *path, sd_bus_message **ret);
Snapshot *ask_read_all(sd_bus_message *reply, AskNeeds needs);

/* The usual way. */
AskWay ask_over;

void asked_done(Asked *asked);
