/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mymem.h>

#include "target.h"

/* One look at a target, from the first source that answers. */

/* Returns 0 or an error that <mymem.h> documents. */
int look(const Target *target, struct mymem *ret);

/* The same without asking anybody. */
int look_here(const Target *target, struct mymem *ret);

/* Fills in the calling process's own limits, which bound what is available. Returns 0 or an error. */
int look_at_rlimits(struct mymem *memory);
