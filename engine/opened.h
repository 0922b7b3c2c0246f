/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "subject.h"

/* The files that a subject's figures are made of, held open: whoever has them reads figures again and again
 * without looking for them, and without seeing where they lie. They may be handed to anybody, so they are
 * only such that the kernel lets nobody write: who holds a descriptor can open its file anew, through
 * /proc/self/fd, as far as the file's mode allows. For the same reason there is never a file of a limit
 * among them, nor a directory. */

#define OPENED_MAX 8

typedef struct OpenedGroup {
        char *path;
        uint64_t max;  /* own hard limit, or SIZE_UNLIMITED; of the top, also one that is set above it */
        uint64_t high; /* own throttling limit, or SIZE_UNLIMITED */
        int usage_fd;
        int statistics_fd; /* memory.stat */
} OpenedGroup;

typedef struct OpenedGroups {
        OpenedGroup groups[OPENED_MAX]; /* the reported group, and each of the chain that has a limit;
                                           innermost first */
        size_t n;
        size_t reported; /* which of them it is */
} OpenedGroups;

/* Opens the files. -EOPNOTSUPP if there are more such groups than OPENED_MAX, if a file could be written, or
 * if the figures are the machine's and of no group. */
int opened_take(Machine *machine, const Subject *subject, OpenedGroups *ret);

/* Whether the two are files of the same groups; their limits may differ. */
bool opened_are_same(const OpenedGroups *a, const OpenedGroups *b);

void opened_group_done(OpenedGroup *group);
void opened_done(OpenedGroups *opened);
