/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ask.h"
#include "rlimits.h"

/* What is known of a target, and from where. */

typedef struct Answer {
        Snapshot *snapshot;
        enum mymem_source source;
} Answer;

/* Reads it: from the control groups, or from /proc/meminfo for who is in none. An error of machine.h. */
int answer_read(Machine *machine, const Target *target, Answer *ret);

/* Has the process's own limits bind what is available to it: then "RLIMIT_AS" or "RLIMIT_DATA" stands for a
 * control group. Returns 0 or -ENOMEM. */
int answer_bind(Answer *answer, const Rlimits *rlimits);

void answer_done(Answer *answer);

/* The name of a source, for people. */
const char *answer_source_to_string(enum mymem_source source);
