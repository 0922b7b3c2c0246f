/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

/* A fault that one system call of supervised processes meets, instead of being made. It lies in memory that
 * is shared with children: whoever arms it need not be who supervises. */

/* What happens to the call: it fails with an errno, or it reads less than there is, which is half of it, the
 * first line of it, or nothing; or it claims to have read something, and has not. Then only calls that read
 * are counted. */
#define FAULT_NONE 0
#define FAULT_HALF (-1)
#define FAULT_LINE (-2)
#define FAULT_EMPTY (-3)
#define FAULT_CLAIM (-4)

/* Above the numbers of all system calls. */
#define FAULT_NUMBER_MAX 1024
#define FAULT_ANY (-1)

typedef struct Fault {
        atomic_int kind;
        atomic_int only;        /* the number of the system calls that are counted, or FAULT_ANY */
        atomic_bool is_lasting; /* those that follow meet it, too */
        atomic_uint at;         /* the system call that it meets; the first after it was armed is 1 */
        atomic_uint n;          /* how many there were since */
        atomic_long taken_usec; /* how long somebody waited meanwhile, for whoever wants to know */
        atomic_int hit;         /* which system call met it; -1 if none has */

        /* Which have been made, with a fault or without. */
        atomic_bool made[FAULT_NUMBER_MAX];
} Fault;

Fault *fault_new(void);
void fault_free(Fault *fault);

void fault_arm(Fault *fault, int kind, unsigned at);

/* The same of system calls of one number; from there on each of them, if it is to last. */
void fault_arm_only(Fault *fault, int kind, int number, unsigned at, bool is_lasting);

/* Returns which system call met it, or -1. */
int fault_disarm(Fault *fault);

/* "EIO at system call 17 (recvmsg)". Free with g_free(). */
char *fault_describe(int kind, unsigned at, int number);
