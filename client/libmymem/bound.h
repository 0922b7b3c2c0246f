/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snapshot.h"
#include <mymem.h>

/* What binds `available`, for who cannot know all names of control groups. */

/* Says what 'by' is to a unit with that name and reported group. "/" is the top of what the service or we
 * see: never the unit's, unless the caller has found out that it is. */
enum mymem_by bound_from_names(const char *by, const char *unit, const char *control_group);

/* Says what the snapshot's available_by is. */
enum mymem_by bound_from_snapshot(const Snapshot *snapshot);
