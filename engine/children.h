/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "control-group.h"

/* The control groups directly below one, by name. */

/* Lists those that have memory files. '*ret' is an array that ends with NULL; free it with children_free().
 */
int children_read(Machine *machine, const ControlGroup *group, char ***ret);

void children_free(char ***names);
