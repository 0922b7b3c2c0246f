/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a function prints on stdout, and in which locale and how wide a place it does so. */

/* Calls it and returns what it printed; free with g_free(). */
char *printed_by(void (*function)(const void *data), const void *data);

/* Sets the locale, which must be there, and $COLUMNS. No colours. */
void printed_where(const char *locale, const char *columns);
