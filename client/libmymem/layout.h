/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mymem.h>
#include <stdbool.h>

/* struct mymem as the caller knows it, who may have been compiled with an older or a newer header. */

/* Whether a caller can have a structure of that size. */
bool layout_is_valid(const struct mymem *ret, size_t size);

/* Hands over as much of the figures as the caller's structure holds; what it holds beyond is unknown to us.
 */
void layout_copy(const struct mymem *figures, struct mymem *ret, size_t size);

/* Copies a text into an array of the structure. What is longer is not known, rather than another name. */
void layout_set_text(char *to, size_t size, const char *from);
