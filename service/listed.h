/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* What `ListUnits` tells. */

typedef struct ListedUnit {
        char *unit;
        char *control_group;
        char *object_path;
        uint64_t limit;
        uint64_t usage;
        uint64_t working_set;
        uint64_t available;
} ListedUnit;

void listed_unit_free(void *pointer);

/* The reply to one call: of ten thousand units it takes longer to write than others shall wait. */
typedef struct ListedReply {
        sd_bus_message *call; /* NULL if there is none to reply to */
        sd_bus_message *reply;
        GPtrArray *units; /* ListedUnit * */
        guint n_written;
} ListedReply;

/* Begins a reply with these units. Returns 0; -ERROR_LIMITS_EXCEEDED if as much as may wait to be sent does
 * already; or what sd-bus returned. In any case '*ret' is to be ended with listed_reply_done(). */
int listed_reply_begin(sd_bus_message *call, GPtrArray *units, ListedReply *ret);

/* Writes on until that moment of CLOCK_MONOTONIC, but one unit at least. Returns 1 if there is more to
 * write, 0 if the reply was sent, or an error. */
int listed_reply_go_on(ListedReply *reply, uint64_t until_usec);

void listed_reply_done(ListedReply *reply);
