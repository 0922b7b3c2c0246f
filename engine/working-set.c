/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>

#include "size.h"
#include "working-set.h"

#define RECENT_USEC UINT64_C(2000000)

bool working_set_is_recent(const WorkingSet *remembered, uint64_t now_usec) {
        assert(remembered);

        return remembered->read_at_usec != 0 && now_usec - remembered->read_at_usec < RECENT_USEC;
}

uint64_t working_set_now(const WorkingSet *remembered, uint64_t usage) {
        assert(remembered);

        /* What was added since counts as used. What was given back may have been cache: it is not known that
         * the rest shrank. */
        if (usage >= remembered->usage)
                return remembered->working_set + (usage - remembered->usage);
        return size_min(usage, remembered->working_set);
}
