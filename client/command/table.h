/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A table as text: columns as wide as they need to be, the first one cut where the screen is too narrow. */

typedef struct Table Table;

/* 'titles' ends with NULL, and lives as long as the table. The first column is text, the others are numbers,
 * which stand to the right, unless they are named in 'left', a set of bits. */
Table *table_new(const char *const *titles, guint left);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* Adds a row of as many cells as there are titles; takes them. 'mark' is pointed at the row from behind it,
 * or from below where the screen is too narrow; or NULL. */
void table_add(Table *table, char **cells, const char *mark);

/* Prints it. */
void table_print(const Table *table, gboolean with_titles);
