/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "machine.h"

/* Says what a failure of the engine is, in a sentence for a person that names the thing it is about; for the
 * caller to free, NULL without memory. 'machine' may be NULL. */
char *failure_describe(const Machine *machine, int r);
