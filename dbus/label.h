/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Object paths of control groups: the tree of objects mirrors the tree of groups, one label a component. */

/* The longest that is served, in bytes; D-Bus allows 64 KiB, but sd-bus takes a time that grows with the
 * square. */
#define OBJECT_PATH_MAX 8192

/* "/system.slice/web.service" → "/org/mymem1/unit/system_2eslice/web_2eservice"; the caller frees. 0 or
 * -ENOMEM. */
int label_from_control_group(const char *control_group, char **ret);

/* The way back. Returns 1 with '*ret', which the caller frees; 0 if the object path names no control group:
 * a label is not what encoding its meaning gives, or means nothing, ".", "..", or something with a slash or
 * NUL. -ENOMEM. */
int label_to_control_group(const char *object_path, char **ret);
