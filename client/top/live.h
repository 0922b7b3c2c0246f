/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "overview.h"

/* The units on a terminal, until a key or a signal ends it. */

/* Whether there is a terminal to be read and to be written to. */
gboolean live_is_possible(void);

/* Returns an exit code. */
int live_run(Overview *overview);
