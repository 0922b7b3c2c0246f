/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "subject.h"

/* What is read of a subject's groups. All figures are bytes. */

/* One look at the reported group: its usage and its memory.stat, read back to back. */
typedef struct Reported {
        uint64_t usage;
        uint64_t working_set; /* usage less inactive page cache, never below 0 */
        Statistics statistics;
        char *text; /* of memory.stat */
} Reported;

/* One group of the chain. */
typedef struct Level {
        uint64_t max;  /* own hard limit, or SIZE_UNLIMITED */
        uint64_t high; /* own throttling limit, or SIZE_UNLIMITED */
        uint64_t usage;
        uint64_t working_set; /* SIZE_UNKNOWN for an ancestor without a limit: its memory.stat is not worth
                                 its cost */
        uint64_t available; /* the smaller limit less the working set; SIZE_UNKNOWN if there is no limit. Of
                             * the top, where a limit above it binds, the most that this limit can leave */
        const char *by;     /* who sets the limit that 'available' is about; points into the subject */
} Level;

/* The few figures that most callers want. */
typedef struct Figures {
        uint64_t limit;       /* the smallest hard limit in the chain, never more than the machine's RAM */
        uint64_t usage;       /* what the reported group is charged with now, page cache included */
        uint64_t working_set; /* usage less inactive page cache */
} Figures;

int reported_read(Machine *machine, const Subject *subject, Reported *ret);
void reported_done(Reported *reported);

/* Reads the group 'i' of the chain; the reported one is as 'reported' has it. */
int level_read(Machine *machine, const Subject *subject, size_t i, const Reported *reported, Level *ret);

/* Reads the three figures; no ancestor's memory.stat is opened. */
int figures_read(Machine *machine, const Subject *subject, Figures *ret);

/* How much more the subject may take before it is throttled or killed: the least, over the chain, of what is
 * available in a group, and what the machine has available. */
int available_read(Machine *machine, const Subject *subject, Effective *ret);

/* The same, of levels that were read: 'levels' has one for each group of the chain. */
int available_from_levels(Machine *machine, const Subject *subject, const Level *levels, Effective *ret);
