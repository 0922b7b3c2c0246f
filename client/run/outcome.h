/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "command.h"
#include "place.h"
#include "series.h"
#include "snapshot.h"

/* What is known of a command that has ended. */

typedef enum OutcomePeak {
        OUTCOME_PEAK_UNKNOWN,
        OUTCOME_PEAK_KERNEL,  /* the kernel's own record of the group */
        OUTCOME_PEAK_SAMPLED, /* the largest sample: there may have been more between two */
        OUTCOME_PEAK_RSS,     /* the largest of the command's processes, ru_maxrss */
} OutcomePeak;

typedef struct Outcome {
        char **arguments;
        const Command *command;
        const Place *place;
        char *control_group;    /* whose figures these are, fit to be shown; NULL if there are none */
        const char *no_figures; /* why that is so */
        gboolean is_shared;     /* others are in it */
        const Series *series;
        const Snapshot *before; /* of the group; NULL if it could not be read */
        const Snapshot *after;  /* the last of it; the same */
        gboolean is_final;      /* that is from when the command had ended */
        guint64 interval_usec;
        guint64 duration_usec;
} Outcome;

/* The most that was used, and how that is known. */
guint64 outcome_peak(const Outcome *outcome, OutcomePeak *ret_kind);
const char *outcome_peak_to_string(OutcomePeak kind);

/* How much a count that only grows has grown; SIZE_UNKNOWN if that is not known. 'offset' is its place in a
 * Snapshot. */
guint64 outcome_growth(const Outcome *outcome, size_t offset);

/* Processes that the kernel killed. */
guint64 outcome_oom_kills(const Outcome *outcome);

/* The command in one line, with one blank between two words, fit to be shown; the caller frees. */
char *outcome_command_line(char *const *arguments);

/* How it ended, in words; the caller frees. */
char *outcome_result(const Outcome *outcome);

/* Where it ran, in words; the caller frees. */
char *outcome_place(const Outcome *outcome);
