/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "options.h"
#include "target.h"

/* Looking at one target again and again, at little cost: it is looked for once, and read directly where that
 * can be done. */

typedef struct Watch Watch;

/* What is looked at; bytes, SIZE_UNKNOWN for what is not known. */
typedef struct Watched {
        guint64 limit;
        guint64 usage;
        guint64 working_set;
        guint64 available;
} Watched;

/* Finds the target, which must live as long. Returns 0, or an error of machine.h with '*ret_message' a
 * sentence, which the caller frees. */
int watch_new(const Options *options, const Target *target, Watch **ret, char **ret_message);
Watch *watch_free(Watch *watch);

static inline void watch_freep(Watch **watch) {
        watch_free(*watch);
}

/* Looks. Returns and sets as above; -ENODEV if the target is there no more, never -ENOENT. */
int watch_look(Watch *watch, Watched *ret, char **ret_message);

/* How long to wait between two looks: less where a look costs less. */
guint64 watch_interval_usec(const Watch *watch);
