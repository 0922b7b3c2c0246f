/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdint.h>

#include "time-text.h"

#define SECOND UINT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* A large and a small unit; the small one is left out if there is nothing of it. */
static char *format_two(
        guint64 usec, guint64 large, const char *large_name, guint64 small, const char *small_name) {
        if (usec % large < small)
                return g_strdup_printf("%" G_GUINT64_FORMAT "%s", usec / large, large_name);

        return g_strdup_printf("%" G_GUINT64_FORMAT "%s %" G_GUINT64_FORMAT "%s",
                               usec / large,
                               large_name,
                               usec % large / small,
                               small_name);
}

char *time_text_format(guint64 usec) {
        /* Cut and not rounded, as sizes are. */
        if (usec < SECOND)
                return g_strdup_printf("0.%03us", (unsigned) (usec / 1000));
        if (usec < MINUTE)
                return g_strdup_printf(
                        "%u.%us", (unsigned) (usec / SECOND), (unsigned) (usec % SECOND / (SECOND / 10)));
        if (usec < HOUR)
                return format_two(usec, MINUTE, "min", SECOND, "s");
        if (usec < DAY)
                return format_two(usec, HOUR, "h", MINUTE, "min");

        return format_two(usec, DAY, "d", HOUR, "h");
}

char *time_text_seconds(guint64 usec) {
        return g_strdup_printf("%" G_GUINT64_FORMAT ".%06u", usec / SECOND, (unsigned) (usec % SECOND));
}
