/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "series.h"

/* A small graph for a terminal: usage and working set over time, the limit where it is near. */

/* Draws it, so many columns wide, for a run of that time: lines that each end with a newline, "" without a
 * sample. The caller frees. */
char *graph_draw(const Series *series, guint64 duration_usec, unsigned width);
