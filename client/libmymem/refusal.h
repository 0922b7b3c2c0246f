/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* The errors of the service as numbers. */

/* Returns the negative errno for the name of an error, 0 if it says nothing about the target. A final one is
 * the service's answer; after any other nobody answered, and one may read for oneself. */
int refusal_from_error(const char *name, bool *ret_final);
