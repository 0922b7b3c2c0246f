/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* All faults that there are to be met in a stretch of system calls, or some of them: every so many, from one
 * on that chance picks. With MYMEM_TEST_FAULTS=all in the environment it is all of them. */

typedef struct Sweep {
        unsigned n; /* how many faults were met so far */
} Sweep;

/* Meets the 'at'th system call of the stretch with a fault of the kind. Returns the system call that met it,
 * or -1 if there are less. */
typedef int (*SweepMeet)(int kind, unsigned at, void *data);

/* Goes through all kinds, and each up to the end of the stretch, every 'stride'th. */
void sweep(Sweep *sweep, unsigned stride, SweepMeet meet, void *data);

bool sweep_is_whole(void);
