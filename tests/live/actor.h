/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "command.h"

/* A child process that is put into a control group and does there what it is told, one order at a time. It
 * is a fork of the test, so an order names the function to run. Between orders it waits, and its group is at
 * rest. */

typedef struct Stage Stage; /* what the actor keeps between orders: memory, a bus connection */

struct Reply;

typedef struct Order {
        void (*work)(Stage *stage, const struct Order *order, struct Reply *reply);
        uint64_t size;
        char texts[8][512];
} Order;

typedef struct Reply {
        int64_t status; /* 0, or a negative errno; of a command its exit status */
        uint64_t figures[3];
        char text[COMMAND_TEXT_MAX];
} Reply;

typedef struct Actor {
        pid_t pid;
        int fd;
} Actor;

Actor *actor_new(void);
void actor_free(Actor *actor); /* ends the process, and reaps it */

/* Gives an order and waits for the reply. Ends the test program if none comes. */
void actor_ask(Actor *actor, const Order *order, Reply *ret);

/* Orders. */
void actor_allocate(Actor *actor, uint64_t size); /* anonymous memory, every page touched */
void actor_release(Actor *actor);                 /* gives all of it back */
void actor_write_file(Actor *actor, const char *name, uint64_t size); /* and waits until the disk has it */
void actor_read_file(Actor *actor, const char *name);
void actor_drop_file(Actor *actor, const char *name);        /* from the page cache */
void actor_limit_address_space(Actor *actor, uint64_t more); /* RLIMIT_AS: what there is and 'more' */
int actor_overeat(Actor *actor, uint64_t size); /* in a child of its own: the signal that ended it, or 0 */
pid_t actor_make_zombie(Actor *actor);
pid_t actor_make_leaderless(Actor *actor); /* a process whose leader has ended while a thread lives */
void actor_run(Actor *actor, const char *const argv[], Command *ret);

/* Over one bus connection of the actor's own, opened at the first call. They return 0 or a negative errno,
 * and in 'ret_error' (at least COMMAND_TEXT_MAX bytes) the name of the bus error. */
int actor_get_memory(Actor *actor, uint64_t ret[3], char *ret_error);
int actor_get_available(Actor *actor, uint64_t *ret, char *ret_by);
