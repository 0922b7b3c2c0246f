/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "command.h"
#include "outputs.h"
#include "sampler.h"

/* Watching a command from its start to its end. */

typedef struct Watching {
        const RunOptions *options;
        const Outputs *outputs;
        Command *command;
        Sampler *sampler; /* NULL if there is nothing to be sampled */
        Series *series;
        Snapshot *last;     /* all that was known lately, in case the group does not live to the end */
        gboolean is_final;  /* 'last' is from after the end */
        guint64 start_usec; /* CLOCK_MONOTONIC */
        guint64 duration_usec;
} Watching;

/* Returns when the command has ended, with all of the figures taken that its group still has. 'signal_fd' is
 * of signals_take(). */
void watching_run(Watching *watching, int signal_fd);
