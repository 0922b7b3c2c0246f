/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "duration.h"
#include "fuzz.h"

/* What people type as a span of time: it begins with a number, and a larger number is a longer time. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autofree char *text = fuzz_text(data, size), *nothing = NULL;
        guint64 usec = 4711, rest, whole, unit;
        const char *behind;
        char *end;

        if (!duration_parse(text, &usec)) {
                FUZZ_CHECK(usec == 4711);
                return 0;
        }

        FUZZ_CHECK(g_ascii_isdigit(*text));
        whole = g_ascii_strtoull(text, &end, 10);
        behind = end;
        if (*behind == '.')
                while (g_ascii_isdigit(*++behind))
                        continue;

        /* The same with nothing before the point, and one of the unit alone. */
        nothing = g_strconcat("1", behind, NULL);
        FUZZ_CHECK(duration_parse(nothing, &unit) && unit > 0);
        g_free(nothing);
        nothing = g_strconcat("0", end, NULL);
        FUZZ_CHECK(duration_parse(nothing, &rest) && rest < unit);
        FUZZ_CHECK(whole <= (G_MAXUINT64 - rest) / unit && usec == whole * unit + rest);
        return 0;
}
