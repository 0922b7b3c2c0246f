/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "service.h"

/* Walks over the whole tree of control groups for callers that wait: one walk at a time, in slices that
 * leave room for other work, shared by all who want the same; what it found is good for a second. */

/* One unit of `ListUnits`. */
typedef struct ListedUnit {
        char *unit;
        char *control_group;
        char *object_path;
        uint64_t limit;
        uint64_t usage;
        uint64_t working_set;
        uint64_t available;
} ListedUnit;

/* What becomes of a call that waited. 'units' is an array of ListedUnit. Replies to 'message', with an error
 * if 'r' is negative. */
typedef int (*WalksListed)(Service *service, sd_bus_message *message, int r, const GPtrArray *units);

/* The same for a unit that was looked for: 'path' is its control group in the hierarchy that systemd
 * manages. If it returns -ENOENT to a path that was found earlier, the unit is looked for again. */
typedef int (*WalksFound)(Service *service, sd_bus_message *message, int r, const char *path);

Walks *walks_new(Service *service);
Walks *walks_free(Walks *walks);

/* Hands all units to 'done', now or later. Returns what a method handler returns: 1, or an error that
 * failure-reply.h knows. */
int walks_list(Walks *walks, sd_bus_message *message, WalksListed done);

/* Finds a unit of the system manager. That there is none is said only after a walk that began after the
 * call. */
int walks_find(Walks *walks, sd_bus_message *message, const char *name, WalksFound done);
