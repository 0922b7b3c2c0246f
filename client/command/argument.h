/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "target.h"

/* Whose memory a command is about, as it stands on the command line. */

typedef struct Argument {
        Target target;
        char *name; /* the target's, owned */
} Argument;

/* Reads one argument; NULL for oneself. Digits are a PID, what begins with a slash is a control group,
 * anything else a unit of the system manager. A name without a unit's suffix gets ".service", as systemctl
 * does it. A number that no PID can be is read as one that no process has. */
Argument argument_parse(const char *text);

void argument_done(Argument *argument);
