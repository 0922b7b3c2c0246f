/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Names of control groups may hold any byte; D-Bus strings and terminals may not. */

/* Returns a copy in which control characters and what is not UTF-8 stand as \xNN, for the caller to free;
 * NULL without memory. */
char *display_text(const char *raw);
