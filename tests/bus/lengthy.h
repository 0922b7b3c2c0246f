/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "slice.h"

/* Units with very long names, as whoever has been delegated a group can make them. */

/* Makes so many in the slice, deep below it: each is more than two thousand letters in a list. They have
 * memory groups alone. */
void lengthy_make(const Slice *slice, unsigned n);
