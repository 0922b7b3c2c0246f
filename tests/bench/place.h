/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "slice.h"

/* Where those who call are: in a unit with no limit of its own, as many levels deep as is asked for, below
 * slices of which the outermost has one. */

typedef struct Place {
        Slice *slice;
        char *group;
} Place;

/* Takes the calling process there. Where this is not possible, skips the test with the reason and returns
 * false. */
bool place_enter(Place *place, unsigned depth);
void place_leave(Place *place);
