/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "unit-list.h"

/* What `ListUnits` tells: the reply to one call. Of ten thousand units it takes longer to write than others
 * shall wait. */

typedef struct ListedReply {
        sd_bus_message *call; /* NULL if there is none to reply to */
        sd_bus_message *reply;
        UnitList *units;
        size_t offset; /* of the unit that is next */
} ListedReply;

/* Begins a reply with these units. Returns 0, or what sd-bus returned. In any case '*ret' is to be ended
 * with listed_reply_done(). */
int listed_reply_begin(sd_bus_message *call, UnitList *units, ListedReply *ret);

/* Writes on until that moment of CLOCK_MONOTONIC, but one unit at least. Returns 1 if there is more to
 * write, 0 if the reply was sent, or an error. */
int listed_reply_go_on(ListedReply *reply, uint64_t until_usec);

void listed_reply_done(ListedReply *reply);

/* Replies that were sent, and that sd-bus may hold still, because the bus has not taken them. */
typedef struct ListedUnsent {
        uint64_t n;          /* at most so many */
        size_t size;         /* of each, at most */
        uint64_t since_usec; /* when the last one was sent */
} ListedUnsent;

/* A reply with so much of units was sent. */
void listed_unsent_add(ListedUnsent *unsent, size_t size);

/* Whether one more may be written for the call. */
bool listed_unsent_has_room(ListedUnsent *unsent, sd_bus_message *call, size_t size);
