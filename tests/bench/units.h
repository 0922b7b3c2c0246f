/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "slice.h"

/* A slice with very many units. */

/* Makes the units that it does not have yet, up to 'n'. */
void units_make(const Slice *slice, unsigned n);

/* The name of one of them. Free with g_free(). */
char *units_name(const Slice *slice, unsigned i);

/* The floor: opens and reads 'files', which end with NULL, of each unit of the slice, one after the other,
 * and makes nothing of them. Returns how many units there are. */
unsigned units_read_plainly(const Slice *slice, const char *const *files);
