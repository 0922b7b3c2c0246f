/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "figures.h"

/* All that is known of one subject's memory, as of one moment: what an object of the interface
 * org.mymem1.Unit shows. Bytes, if nothing else is said; strings are owned and fit to be shown (display.h),
 * "" where there is nothing. */

/* One control group of the chain, innermost first. */
typedef struct SnapshotLevel {
        char *control_group;
        char *unit;
        Level level;
        uint64_t swap_usage; /* SIZE_UNKNOWN if not known */
} SnapshotLevel;

typedef struct Snapshot {
        char *id;          /* the unit: the innermost component of the path that is one */
        char *system_unit; /* the outermost that is not a slice */
        char *slice;       /* that the unit lies in */
        char *control_group;

        /* The reported group's own. */
        uint64_t max;      /* hard limit, or SIZE_UNLIMITED, as are the next and swap_max */
        uint64_t high;     /* throttling limit */
        uint64_t min;      /* hard protection, 0 on v1 */
        uint64_t low;      /* best-effort protection, 0 on v1 */
        uint64_t swap_max; /* how much may be swapped out */
        int oom_group;     /* whether all of it is killed together; an int as D-Bus has booleans */

        /* Effective: the least over the chain, and which group sets it. */
        uint64_t limit;
        char *limit_by;
        uint64_t high_limit; /* SIZE_UNLIMITED if nothing sets it */
        char *high_limit_by;
        uint64_t swap_limit; /* SIZE_UNKNOWN if not known */
        char *swap_limit_by;
        uint64_t available;
        char *available_by;

        /* Measured; SIZE_UNKNOWN where the kernel does not say. */
        uint64_t usage;
        uint64_t working_set;
        uint64_t peak;
        uint64_t swap_usage;
        uint64_t swap_peak;
        uint64_t zswap_usage;
        uint64_t anonymous;
        uint64_t file;
        uint64_t active_file;
        uint64_t inactive_file;
        uint64_t shmem;
        uint64_t kernel;
        uint64_t slab_reclaimable;
        Pressure pressure;
        Events events;

        SnapshotLevel *levels;
        size_t n_levels;
        char *statistics; /* the text of memory.stat */
} Snapshot;

/* Looks at the subject. Returns 0 or an error of machine.h. */
int snapshot_take(Machine *machine, const Subject *subject, Snapshot **ret);

Snapshot *snapshot_free(Snapshot *snapshot);

static inline void snapshot_freep(Snapshot **snapshot) {
        snapshot_free(*snapshot);
}
