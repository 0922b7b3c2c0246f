/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "answer.h"
#include "reading.h"
#include "site.h"

/* Comparisons of what mymem says with what the kernel's files say. What moves is read before and after the
 * question, and the answer has to lie between. A failed check fails the case, and the case goes on. */

/* How many pages the kernel may count late for each CPU: it charges in batches of 64 (MEMCG_CHARGE_BATCH)
 * that it hands back when another group needs the CPU, and it adds up memory.stat once as many updates have
 * come together. Usage and statistics are a figure each, so what is worked out of both can be off by two. */
#define CHECK_BATCHED_PAGES (2 * 64)

/* CHECK_BATCHED_PAGES of all CPUs in bytes. */
uint64_t check_tolerance(void);

/* Fails the case with a sentence, one of maybe many. */
void check_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Asks by every channel about the actor's process and compares each figure that the channel gives. */
void check_actor(Site *site, Actor *actor);
void check_channel(Site *site, Actor *actor, Channel channel);

/* The same through `mymem show` for a process that is no actor; 'alike' is one in the same group to read
 * about. */
void check_pid(Site *site, pid_t pid, pid_t alike);

/* Compares a line of the answer, and says who was asked if it is not the same. */
void check_text(const char *who, const Answer *answer, const char *name, const char *wanted);
void check_number(const char *who, const Answer *answer, const char *name, uint64_t low, uint64_t high);

/* The line of `mymem show --direct PID`; 0 after a failed check. */
uint64_t check_figure_of(Actor *actor, const char *name);
