/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "units.h"

/* What the working sets of units have been: the last HISTORY_MAX looks at each. */

#define HISTORY_MAX 16

typedef struct Histories Histories;

Histories *histories_new(void);
void histories_free(Histories *histories);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Histories, histories_free)

/* Adds what was seen in a look; of units that are not there any more all is forgotten. */
void histories_add(Histories *histories, const GPtrArray *units);

/* Draws the unit's as a line of at most HISTORY_MAX columns, the newest to the right, each as a part of the
 * largest one: in UTF-8, or in ASCII. The caller frees. */
char *histories_draw(const Histories *histories, const Unit *unit, gboolean is_utf8);
