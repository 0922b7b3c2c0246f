/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "machine.h"

/* Says what a failure of the engine is, in a sentence for a person that names the thing it is about; for the
 * caller to free, NULL without memory. 'machine' may be NULL. */
char *failure_describe(const Machine *machine, int r);

/* Whether it says nothing about what was to be read: we, or the machine, ran out of something. Who looks for
 * something that need not be there must not take this for an answer. */
bool failure_is_passing(int r);
