/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "wire.h"

/* Somebody who means harm: a process of another user, with no rights, that makes calls as fast as it is let,
 * over as many connections as it is given. A connection that is closed is opened anew. */

#define ATTACK_UID 65534 /* nobody: a dbus-daemon wants to know whom it serves */

typedef struct Attack {
        const char *name;
        WireCall calls[2];      /* by turns; the second may be missing */
        size_t n_text;          /* an argument of so many letters in place of the calls' own */
        size_t n_fds;           /* descriptors with each call */
        unsigned n_connections; /* 1 if 0 */
        unsigned n_calls;       /* on each connection, and then silence; 0 for no end */
        bool is_deaf;           /* what is answered is not read */
} Attack;

typedef struct Attacker {
        pid_t pid;
        int counter_fd; /* a byte now and then, as long as it gets calls through */
} Attacker;

/* Begins, in the control group 'group' unless that is NULL, and returns when it is under way. 'destination'
 * is the service's name, where 'address' is a bus. */
Attacker attack_start(const Attack *attack, const char *address, const char *destination, const char *group);

/* Waits a moment, and says whether it got any call through meanwhile. */
bool attacker_is_busy(const Attacker *attacker);

/* Ends it, which its connections do not outlive. It must have lived until now. */
void attack_end(Attacker *attacker);
