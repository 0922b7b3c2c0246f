/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Reads a span of time: seconds, "0.5", or with a unit, "500ms", "10s", "5min", "2h", "1d". FALSE for
 * anything else, and for more than 64 bits of µs hold. */
gboolean duration_parse(const char *text, guint64 *ret_usec);
