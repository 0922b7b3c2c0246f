/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "series.h"
#include "snapshot.h"

/* Samples one control group from outside. It is read here and not asked for: the service would be asked
 * about somebody else, over the bus, ten times in a second; and a process inside the group that reads its
 * own (libmymem's handle) would be charged to what it measures. The group's directory is held open, so a
 * sample is two reads of its files and one of its events, the same as everywhere: figures.h. */

typedef struct Sampler Sampler;

/* 'path' is that of a group of the memory hierarchy. Returns 0, or an error of machine.h with '*ret_message'
 * a sentence, which the caller frees. */
int sampler_new(const char *path, Sampler **ret, char **ret_message);
Sampler *sampler_free(Sampler *sampler);

static inline void sampler_freep(Sampler **sampler) {
        sampler_free(*sampler);
}

/* Takes a sample; limits are as of at most a second ago. Returns 0 or an error of machine.h. */
int sampler_take(Sampler *sampler, guint64 at_usec, Sample *ret);

/* All there is to know of the group now. */
int sampler_look(Sampler *sampler, Snapshot **ret);

/* The group that is read: the one that was named, or where that has no memory files the nearest above. As it
 * is, which may be no text. */
const char *sampler_control_group(const Sampler *sampler);
