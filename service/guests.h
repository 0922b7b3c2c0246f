/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "service.h"

/* Those who are connected to the socket, and who of them is served next. All together they are done one
 * piece of work per turn of the event loop, one after the other, so that neither they nor the bus can keep
 * the other from being served, however much is asked. */

typedef struct Guests Guests;

int guests_new(Service *service, Guests **ret);
Guests *guests_free(Guests *guests);

static inline void guests_freep(Guests **guests) {
        guests_free(*guests);
}

/* Serves who connected with 'fd', which it takes, also when it fails. 'uid' is the user it counts for, until
 * its connection is closed to the end. */
int guests_admit(Guests *guests, int fd, uid_t uid);

/* How many there are, how many of these leave, and how many are of that user. */
unsigned guests_count(const Guests *guests);
unsigned guests_count_leaving(const Guests *guests);
unsigned guests_count_of_user(const Guests *guests, uid_t uid);

/* Closes the connection of the user that has had nothing to say for longest. Those who share a number need
 * not know each other: every container has a root. Returns whether there is one less now. */
bool guests_make_room(Guests *guests, uid_t uid);

/* For one of 'uid', who comes when there are too many: closes a connection of the user that has most of
 * them, if that is more than 'uid' has then; the one that was served longest ago. Returns whether somebody
 * leaves.
 */
bool guests_displace(Guests *guests, uid_t uid);
