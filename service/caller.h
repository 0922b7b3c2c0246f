/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "moment.h"
#include "process.h"

/* Who is calling: the process that opened the connection. Who somebody is does not change; where they are is
 * looked up at every call. */

#define CALLER_NOBODY ((uid_t) -1) /* is no user's number */

typedef struct Reading Reading;

typedef struct Caller {
        int r; /* 0, or why nothing can be said of this caller: -ERROR_UNKNOWN_CALLER, -ESRCH if it has
                * ended, or what the kernel gave */
        Process process;   /* if r is 0 */
        uid_t uid;         /* as the bus says, or CALLER_NOBODY; on the socket nobody asks */
        bool in_namespace; /* it knows processes by other numbers than we do, if that was looked up */
        bool is_looked_up;
        bool is_veiled; /* it is not shown what lies above its unit: see veil.h */

        bool has_asked;           /* for its figures */
        Reading *reading;         /* what they are read from; NULL if that is not kept */
        uint64_t keep_after_usec; /* until then it shall not be; CLOCK_MONOTONIC */

        unsigned n_ref;
        int pidfd; /* -1 where the kernel has none */
        sd_event_source *ended;
} Caller;

/* Somebody of whom nothing is known yet. */
Caller *caller_new(void);
Caller *caller_ref(Caller *caller);
Caller *caller_unref(Caller *caller);

static inline void caller_unrefp(Caller **caller) {
        caller_unref(*caller);
}

/* Whether the process is known to live in this moment; false where the kernel has no pidfds. */
bool caller_is_alive(const Caller *caller);

/* Takes hold of the process that 'pidfd' refers to, which stays the giver's; or, where it is -1, of the one
 * that had the number 'pid' when it connected, before the moment 'asked'; 0 if nobody could say the number.
 * Sets 'r', and returns it. When the process ends, 'r' becomes -ESRCH. */
int caller_find(
        Caller *caller, sd_event *event, Machine *machine, int pidfd, uint32_t pid, const Moment *asked);

/* The same, for those who want to know 'in_namespace' of everybody. */
int caller_identify(
        Caller *caller, sd_event *event, Machine *machine, int pidfd, uint32_t pid, const Moment *asked);

/* Sees whether who was found by a number may be of the user 'uid', who connected: the number may be somebody
 * else's by now. Sets 'r', and returns it. */
int caller_check_user(Caller *caller, Machine *machine);

/* Looks up 'in_namespace' of one who was found: the kernel takes its time to write what tells it, and few
 * calls depend on it. It never changes. */
int caller_look_up_namespace(Caller *caller, Machine *machine);
