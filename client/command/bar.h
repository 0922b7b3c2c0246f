/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "snapshot.h"

/* What becomes of a limit: how much of it is used, and how much of the rest can be had. Bytes. */

typedef struct Shares {
        guint64 working_set;
        guint64 cache;       /* the rest of the usage, which is given back when memory gets short */
        guint64 free;        /* what can be taken without that */
        guint64 unavailable; /* what others have taken, or a smaller bound keeps back */
} Shares;

/* FALSE if the usage is not known. Together they are the limit, or more where more than that is in use. */
gboolean shares_of_snapshot(const Snapshot *snapshot, Shares *ret);

/* Draws them as a bar of that many columns. The caller frees. */
char *bar_draw(const Shares *shares, unsigned width);
