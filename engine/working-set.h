/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The working set of a control group as it was a moment ago. memory.stat of a group with much below it can
 * cost milliseconds, so what was read of an ancestor serves as long as the kernel's own periodic flush of
 * these counters takes: two seconds. Bytes. */

typedef struct WorkingSet {
        uint64_t usage; /* as it was then */
        uint64_t working_set;
        uint64_t read_at_usec; /* CLOCK_MONOTONIC; 0: never */
} WorkingSet;

/* Whether it is recent enough. */
bool working_set_is_recent(const WorkingSet *remembered, uint64_t now_usec);

/* The working set of a group whose usage is 'usage' now. It may be too large, never too small. */
uint64_t working_set_now(const WorkingSet *remembered, uint64_t usage);
