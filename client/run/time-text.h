/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Times as people write them: "0.042s", "12.3s", "5min 3s", "2h 5min", "3d 4h". The caller frees. */
char *time_text_format(guint64 usec);

/* The same in seconds, "12.345678", always with a point, for programs. */
char *time_text_seconds(guint64 usec);
