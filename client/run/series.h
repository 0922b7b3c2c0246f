/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What was sampled while a command ran. However long that is, it takes no more than SERIES_MAX items: when
 * they are used up, each two become one that has the larger figures, so no peak is lost. */

#define SERIES_MAX 4096 /* even, and more than a picture has columns */

/* Bytes; SIZE_UNKNOWN, or SIZE_UNLIMITED for a limit. */
typedef struct Sample {
        guint64 at_usec; /* since the command was started */
        guint64 usage;
        guint64 working_set;
        guint64 limit;
        guint64 high_limit;
        guint64 oom_kills; /* up to then */
} Sample;

typedef struct Series {
        GArray *items;     /* of Sample, in order */
        guint per_item;    /* so many samples are one item */
        guint in_last;     /* so many are in the last one */
        guint64 n_samples; /* all that were added */
        guint64 usage;     /* the largest; 0 without samples */
        guint64 working_set;
} Series;

Series *series_new(void);
void series_free(Series *series);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Series, series_free)

/* Adds one; those that are not known are left out. */
void series_add(Series *series, const Sample *sample);

const Sample *series_item(const Series *series, guint i);

/* The largest figures from one moment up to another, as one sample; where no sample lies between them, the
 * one before, or the first. FALSE if there is none at all. */
gboolean series_between(const Series *series, guint64 from_usec, guint64 to_usec, Sample *ret);
