/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "walks.h"

/* Calls that wait for walks: so many in all, of one user, and of one caller. Users are served in turns,
 * however many calls each of them has waiting. */

typedef struct Waiter {
        sd_bus_message *message;
        uid_t uid; /* of who sent it */
        uint64_t since_usec;
        char *name;       /* of the unit that is looked for; NULL if all are asked for */
        WalksFound found; /* with a name */
} Waiter;

typedef struct Waiters {
        GQueue queue; /* Waiter *, the one that came first first */
        uid_t served; /* whose turn was last */
} Waiters;

void waiters_init(Waiters *waiters);
void waiters_done(Waiters *waiters);

/* Makes one for a message that comes now, with a name or without. */
Waiter *waiter_new(sd_bus_message *message, uid_t uid, const char *name, WalksFound found);
void waiter_free(Waiter *waiter);

/* Takes the waiter, unless it returns -ERROR_LIMITS_EXCEEDED: then there is no room for it. */
int waiters_add(Waiters *waiters, Waiter *waiter);

/* Offers them, those first whose turn it is, until 'serve' returns TRUE: that one does not wait any more.
 * Returns FALSE if there is none. */
gboolean waiters_serve(Waiters *waiters,
                       gboolean (*serve)(void *userdata, const Waiter *waiter),
                       void *userdata);

/* Takes out the first one that looks for a unit, or wants the list of all; NULL if there is none. */
Waiter *waiters_take(Waiters *waiters, gboolean has_name);

/* Whether there is such a one. */
gboolean waiters_has(const Waiters *waiters, gboolean has_name);

static inline gboolean waiters_is_empty(const Waiters *waiters) {
        return waiters->queue.length == 0;
}
