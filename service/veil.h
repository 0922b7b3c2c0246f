/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "caller.h"
#include "snapshot.h"
#include "subject.h"

/* What a caller is shown of what lies above its unit. Over the bus everybody sees what everybody can read in
 * cgroupfs. But the socket is put into containers, and who lives in a PID namespace below ours is shown
 * nothing of the host: paths as they are seen from its unit, as the kernel writes them for a control group
 * namespace, and of the groups above neither their names nor what they use. Their limits are shown: they are
 * what its own budget is made of. */

/* Whether the caller, which may be NULL, is shown less. */
bool veil_hangs(const Caller *caller);

/* Whether the caller may read figures of the group 'path' of its own chain. */
bool veil_may_see(const Caller *caller, const Subject *subject, const char *path);

/* The path of a control group, or "/" or "" where they stand for what sets a figure, as the caller is shown
 * it; for the caller to free. Returns 0 or -ENOMEM. */
int veil_show_path(const Caller *caller, const Subject *subject, const char *path, char **ret);

/* Takes out of the caller's own snapshot what it is not shown. Returns 0 or -ENOMEM. */
int veil_snapshot(const Caller *caller, const Subject *subject, Snapshot *snapshot);

/* What failed may be a group whose path the caller is not shown: takes that out of what will be said of it.
 */
void veil_failure(const Caller *caller, Machine *machine);
