/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "figures.h"
#include "whereabouts.h"

/* What the three figures of a process are read from, held open, so that they can be read again without
 * looking for it. Each read begins with where the process is and what the limits are; and files of a group
 * that went away say so, also when another one has come under its name. Everything else is looked for anew
 * whenever this finds a change, and every KEPT_USEC: on v1 a group can be renamed, with processes in it. */

#define KEPT_LIMITS_MAX \
        8 /* deeper chains are not kept: each file costs a descriptor and 4 KiB in the kernel */
#define KEPT_USEC UINT64_C(2000000)

typedef struct Kept {
        Whereabouts whereabouts;
        Subject subject;              /* its groups are closed */
        int life_fd;                  /* /proc/PID/statm, where the first thread's end must be seen; or -1 */
        int usage_fd, statistics_fd;  /* of the reported group */
        size_t n_statistics_lines;    /* of memory.stat; 0 before it was read */
        int max_fds[KEPT_LIMITS_MAX]; /* own limits, of each group of the chain that can have one */
        size_t n_max_fds;
        uint64_t taken_at_usec; /* CLOCK_MONOTONIC */
} Kept;

/* Takes hold of what 'subject' is read from, which is the process's; '*subject' becomes empty if that
 * succeeds. -EOPNOTSUPP if this is a subject that cannot be kept: the machine itself, a chain that is too
 * deep, a group without memory files; -ENODEV if the process was moved meanwhile, or can be without that
 * being seen, or another error. */
int kept_take(const Process *process, Subject *subject, Kept *ret);

/* Reads the figures of now. Returns 1, or 0 if anything is not as it was. A zombie is for the caller to find
 * out. */
int kept_read(Machine *machine, Kept *kept, Figures *ret);

void kept_done(Kept *kept);
