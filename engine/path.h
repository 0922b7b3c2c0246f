/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Paths of control groups, one component at a time. Any byte but '/' and NUL may stand in a component. */

/* Returns the next component at '*cursor' and its length, and moves the cursor behind it; NULL at the end.
 */
const char *path_next(const char **cursor, size_t *ret_length);

/* Whether the component is "." or "..". */
bool path_is_dots(const char *component, size_t length);

/* Whether the path is one that the kernel would write for a group it can see: absolute, no empty component,
 * none that is "." or "..", no slash at the end (but "/" itself). */
bool path_is_normal(const char *path);

/* What follows 'prefix' in 'path', by whole components: "" if they are the same, "/c" for "/a/b/c" after
 * "/a/b", NULL if 'prefix' does not lead to 'path'. The prefix "/" leads everywhere. */
const char *path_after(const char *path, const char *prefix);

/* Returns 'path' as it is seen from 'base', as the kernel writes a group's path for who lives in a control
 * group namespace whose root is 'base': "/" if they are the same, "/c" below it, "/.." for its parent,
 * "/../d" for what else lies in that. Both are normal. For the caller to free; NULL without memory. */
char *path_relative(const char *path, const char *base);
