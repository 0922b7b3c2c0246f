/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* A program that this is linked into has malloc() and its like from here: of the calling thread's
 * allocations one fails, in whichever library it is made. */

/* The 'at'th from now on fails; the first is 1. */
void allocation_arm(unsigned at);

/* Returns whether one has failed. */
bool allocation_disarm(void);

/* How many allocations there are that were not freed. */
long allocation_balance(void);
