/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sweep.h"

#include <errno.h>
#include <glib.h>

#include "fault.h"

static const int kinds[] = { EMFILE,     ENFILE,     ENOMEM,      EIO,        EINTR,
                             FAULT_HALF, FAULT_LINE, FAULT_EMPTY, FAULT_CLAIM };

bool sweep_is_whole(void) {
        return g_strcmp0(g_getenv("MYMEM_TEST_FAULTS"), "all") == 0;
}

void sweep(Sweep *sweep, unsigned stride, SweepMeet meet, void *data) {
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
                for (unsigned at = 1 + (unsigned) g_test_rand_int_range(0, (int) stride);
                     meet(kinds[i], at, data) >= 0;
                     at += stride)
                        sweep->n++;
}
