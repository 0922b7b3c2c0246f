/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "plot.h"

/* Where there is no cairo. */

gboolean plot_is_possible(void) {
        return FALSE;
}

int plot_write(const Outcome *outcome, PlotFormat format, FILE *file) {
        (void) outcome;
        (void) format;
        (void) file;
        return -EOPNOTSUPP;
}
