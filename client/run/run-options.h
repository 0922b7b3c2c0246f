/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json.h"
#include "plot.h"

/* What stands on the command line of `mymem run`. */

typedef struct RunOptions {
        char *unit;       /* NULL: one is made up */
        GArray *settings; /* of Setting */
        guint64 interval_usec;
        const char *plot; /* files, or NULL */
        PlotFormat plot_format;
        const char *csv;
        const char *output;
        JsonMode json;
        gboolean is_json_plain; /* which of them is known when the others are */
        gboolean user;
        gboolean bytes;
        gboolean help;
        char **arguments; /* the command; not owned */
} RunOptions;

/* Reads it; what is wrong is printed. FALSE if it makes no sense. */
gboolean run_options_parse(int argc, char **argv, RunOptions *ret);
void run_options_done(RunOptions *options);

extern const char run_options_help[];
