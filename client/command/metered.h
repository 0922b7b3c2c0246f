/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "options.h"
#include "snapshot.h"
#include "walk.h"

/* What the metrics of one unit are made of. Bytes; SIZE_UNKNOWN or SIZE_UNLIMITED, which are the same
 * number, for what there is no metric of. */

typedef struct Metered {
        char *unit; /* these are fit to be shown */
        char *slice;
        char *control_group;

        guint64 usage;
        guint64 working_set;
        guint64 limit;
        guint64 max;
        guint64 high;
        guint64 available;
        guint64 peak;
        guint64 swap;
        guint64 waiting_usec; /* some tasks waited for memory */
        guint64 stalled_usec; /* all tasks did */
        Events events;
} Metered;

Metered *metered_from_snapshot(const Snapshot *snapshot);

/* Reads what the walk has not; NULL if the group's files cannot be read, as when it has gone. */
Metered *metered_from_walk(Machine *machine, const WalkGroup *group);

/* For arrays of pointers. */
void metered_free(void *pointer);

/* In the order of control groups, and then of names: a GCompareFunc of arrays of pointers. */
int metered_compare(const void *a, const void *b);
