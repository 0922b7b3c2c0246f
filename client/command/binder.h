/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "inquiry.h"

/* What sets a limit, or bounds what is available: a "…By" of a snapshot, for people. */

/* Its short name: the unit, the last component of a path, "the machine", or the name of a resource limit.
 * The caller frees. */
char *binder_name(const char *by);

/* Whether it is a unit itself, and not a group below one; '*ret' is its name, which the caller frees. */
gboolean binder_is_unit(const char *by, char **ret);

/* The level of the chain that it is; NULL if the chain is not known, or it is no control group. */
const SnapshotLevel *binder_find(const Snapshot *snapshot, const char *by);

/* Who manages a unit, so that its settings can be changed there. */
typedef enum BinderManager {
        BINDER_SYSTEM, /* the system manager: nothing but slices lies above the unit */
        BINDER_USER,   /* a user manager, by the number of its user */
        BINDER_OTHER,  /* a container's manager, or what a unit delegates to: nobody whom one could ask here
                        */
} BinderManager;

/* Says it of the control group of a unit. 'ret_uid' is set for BINDER_USER; or NULL. */
BinderManager binder_manager(const char *control_group, guint64 *ret_uid);
