/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "figure.h"
#include "nursery.h"
#include "sanitized.h"
#include "slice.h"

/* A number that is used again: who opened a connection ends, and a process in another unit gets its number,
 * while the connection lives on in the test's hands. This happens in rounds, and what the service says of
 * the connection must never be true of the other unit. In a namespace as namespace_main() makes it. */

/* A sanitizer looks for other faults, and each process takes it long to make. */
#ifdef SANITIZED
#define REUSE_ROUNDS 100
#else
#define REUSE_ROUNDS 1000
#endif
#define REUSE_OWN_LIMIT (64 * MIB)
#define REUSE_OTHER_LIMIT (96 * MIB)

typedef struct Reuse {
        const char *address;
        Slice *slice;
        Nursery openers, others;
        unsigned n_rounds; /* in which another process had the number when the answer came */

        /* Of this round. */
        pid_t number;
        bool is_over; /* for who had it first */
        bool is_used; /* by the other process */
        sd_bus *client;
        sd_bus_slot *slot;
        bool is_answered;
        const char *error; /* its name, interned; NULL if there is none, or no answer yet */
        uint64_t limit;
} Reuse;

/* Makes the two units. Where this is not possible, skips the test with the reason and returns false. */
bool reuse_begin(Reuse *reuse, const char *address);

/* As many rounds as it takes to have REUSE_ROUNDS reuses; then the end. What a round has made is removed
 * after it. */
void reuse_run(Reuse *reuse, void (*round)(Reuse *reuse, void *userdata), void *userdata);

/* A round has somebody connect, once. The connection is not used yet. */
void reuse_connect(Reuse *reuse);

/* Sends a call for what the caller's memory is, and does not wait. */
void reuse_ask(Reuse *reuse);

/* Whoever has connected ends, and its number is another's. */
void reuse_number(Reuse *reuse);

/* Waits for the answer, which is to be an error of a caller who is not there, or not known. */
void reuse_check_nobody(Reuse *reuse);

/* Waits for the answer, which is to be right for who has connected. */
void reuse_check_own(Reuse *reuse);

/* Waits for the answer, which is to be one of these two. */
void reuse_check(Reuse *reuse);

/* A round: the service knows the caller already, and can learn of its end before it is called. */
void reuse_known(Reuse *reuse, void *userdata);

/* A round: the service is at work on a call of somebody it knows, wherever that may be. */
void reuse_racing(Reuse *reuse, void *userdata);
