/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Checks for tables of cases. One that fails says which case it was ('about', any bytes), the expression,
 * what it gave and what was wanted, and the rest of the table is still looked at. */

#define check_number(about, expression, wanted) \
        check_number_at(G_STRLOC, (about), #expression, (int64_t) (expression), (int64_t) (wanted))
#define check_size(about, expression, wanted) \
        check_size_at(G_STRLOC, (about), #expression, (uint64_t) (expression), (uint64_t) (wanted))
#define check_text(about, expression, wanted) \
        check_text_at(G_STRLOC, (about), #expression, (expression), (wanted))
#define check_true(about, expression) check_true_at(G_STRLOC, (about), #expression, (expression))

/* They say whether all was well, so that a case can be left that has nothing more to show. */
bool check_number_at(
        const char *where, const char *about, const char *expression, int64_t got, int64_t wanted);
bool check_size_at(
        const char *where, const char *about, const char *expression, uint64_t got, uint64_t wanted);
bool check_text_at(
        const char *where, const char *about, const char *expression, const char *got, const char *wanted);
bool check_true_at(const char *where, const char *about, const char *expression, bool got);

/* Whether this process runs in valgrind, as far as that can be told from outside. */
bool check_in_valgrind(void);

/* How many descriptors this process has open. */
unsigned check_count_descriptors(void);
