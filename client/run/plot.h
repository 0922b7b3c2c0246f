/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

#include "outcome.h"

/* A picture of how a command used memory: what one would put into a report. */

typedef enum PlotFormat {
        PLOT_SVG,
        PLOT_PNG,
} PlotFormat;

/* Whether this program can draw at all: it may have been built without. */
gboolean plot_is_possible(void);

/* Says it of a file's name; FALSE if it ends neither in ".svg" nor in ".png". */
gboolean plot_format_from_name(const char *name, PlotFormat *ret);

/* Draws it into the file. Returns 0 or an error. */
int plot_write(const Outcome *outcome, PlotFormat format, FILE *file);
