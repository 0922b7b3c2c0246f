/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "run-options.h"

/* The files that are written. They are opened before the command is run: what cannot be written is not found
 * out after hours. */

typedef struct Outputs {
        FILE *report; /* stderr if no other was named */
        FILE *csv;    /* NULL for those that nobody wants */
        FILE *plot;
} Outputs;

/* Opens them. What is wrong is printed; FALSE if one cannot be opened. */
gboolean outputs_open(const RunOptions *options, Outputs *ret);

/* Empties them, when the command runs: if it never does, what was in them stays. */
void outputs_begin(const Outputs *outputs);

/* Writes a line of the table of samples. */
void outputs_add_sample(const Outputs *outputs, const Sample *sample);

/* Closes them. FALSE if one could not be written, which is printed. */
gboolean outputs_close(const RunOptions *options, Outputs *outputs);
