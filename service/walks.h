/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "service.h"

/* Walks over the whole tree of control groups for callers that wait: one walk at a time, in slices that
 * leave room for other work, shared by all who want the same; what it found is good for a second. */

/* What becomes of a call that waited for a unit: 'path' is its control group in the hierarchy that systemd
 * manages. Replies to 'message', with an error if 'r' is negative. If it returns -ENOENT to a path that was
 * found earlier, the unit is looked for again. */
typedef int (*WalksFound)(Service *service, sd_bus_message *message, int r, const char *path);

Walks *walks_new(Service *service);
Walks *walks_free(Walks *walks);

/* Replies with all units, later. Returns what a method handler returns: 1, or an error that failure-reply.h
 * knows. */
int walks_list(Walks *walks, sd_bus_message *message);

/* Finds a unit of the system manager. That there is none is said only after a walk that began after the
 * call. */
int walks_find(Walks *walks, sd_bus_message *message, const char *name, WalksFound done);
