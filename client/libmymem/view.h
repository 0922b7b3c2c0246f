/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mymem.h>

#include "handout.h"
#include "subject.h"
#include "working-set.h"

/* Open files and the limits that go with them: all that it takes to read one's own figures without asking,
 * or looking for, anything. */

typedef struct View {
        OpenedGroups opened;
        WorkingSet remembered[OPENED_MAX]; /* of ancestors */
        size_t n_lines[OPENED_MAX];        /* of memory.stat; 0 before it was read */
        enum mymem_by bounds[OPENED_MAX];  /* who sets the limits of the groups */
        enum mymem_source source;          /* where the files are from */
        bool is_bound_above;               /* the outermost group's limit is set above what can be seen */
        char *unit;
        int meminfo_fd;         /* /proc/meminfo; -1 where there is none */
        size_t n_meminfo_lines; /* 0 before it was read */
        uint64_t meminfo_read_at_usec;
        uint64_t machine_limit;     /* what it said then; or without it, RAM or less, */
        uint64_t machine_available; /* and SIZE_UNLIMITED if it bound nothing when one looked */
} View;

#define VIEW_NONE                \
        (View) {                 \
                .meminfo_fd = -1 \
        }

/* Makes a view of what the service handed out, which is taken over. Returns 0 or an error. */
int view_from_handout(Handout *handout, View *ret);

/* Makes one of a subject, oneself. -EOPNOTSUPP as of opened_take(). */
int view_from_subject(Machine *machine, const Subject *subject, View *ret);

/* Takes over what has changed since: the limits, or all of it if it is of other groups. */
void view_update(View *view, View *newer);

/* Reads the figures, without the process's own limits. -ENODEV if a group has gone. */
int view_read(View *view, struct mymem *ret);

void view_done(View *view);
