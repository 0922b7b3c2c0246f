/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "target.h"

/* Whose memory a command is about, as it stands on the command line. */

typedef struct Argument {
        Target target;
        char *name;             /* the target's, owned */
        gboolean is_impossible; /* a number that no PID can be; it is that of 'name' */
} Argument;

/* Reads one argument; NULL for oneself. Digits are a PID, what begins with a slash is a control group,
 * anything else a unit, of the system manager or with 'user' of our own. A name without a unit's suffix gets
 * ".service", as systemctl does it. */
Argument argument_parse(const char *text, gboolean user);

void argument_done(Argument *argument);
