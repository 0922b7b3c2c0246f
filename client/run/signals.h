/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "command.h"

/* The signals that come to us while a command runs. What is typed on the terminal goes to the whole process
 * group, so the command has it already; what somebody sends to us alone is meant for it. */

/* Takes them. Returns a descriptor, or an error; '*ret_mask' is what was blocked before, which is what the
 * command gets. */
int signals_take(sigset_t *ret_mask);

typedef enum SignalsNews {
        SIGNALS_NONE,
        SIGNALS_STOP,   /* we shall stop, as the command does: see signals_stop() */
        SIGNALS_RESIZE, /* the terminal has another size */
} SignalsNews;

/* Reads one signal, and passes it on to the command if it is for it. SIGCHLD is read as any. */
SignalsNews signals_read(int fd, const Command *command);

/* Does what SIGTSTP does to a process; returns when we go on. */
void signals_stop(void);
