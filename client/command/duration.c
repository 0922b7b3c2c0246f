/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "duration.h"
#include "size.h"

/* The unit's length in µs, 0 if there is none of that name. */
static guint64 find_unit(const char *name) {
        static const struct {
                const char *name;
                guint64 usec;
        } units[] = {
                { "", 1000000 },     { "s", 1000000 },     { "sec", 1000000 },  { "us", 1 },
                { "µs", 1 },         { "ms", 1000 },       { "min", 60000000 }, { "m", 60000000 },
                { "h", 3600000000 }, { "d", 86400000000 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
                if (strcmp(name, units[i].name) == 0)
                        return units[i].usec;
        return 0;
}

gboolean duration_parse(const char *text, guint64 *ret_usec) {
        guint64 whole, millionths = 0, unit, usec;

        if (size_scan(&text, &whole) < 0)
                return FALSE;
        if (*text == '.') {
                guint64 place = 100000;

                if (!g_ascii_isdigit(*++text))
                        return FALSE;
                for (; g_ascii_isdigit(*text); text++) {
                        millionths += (guint64) g_ascii_digit_value(*text) * place;
                        place /= 10;
                }
        }
        unit = find_unit(text);
        if (unit == 0 || whole > (G_MAXUINT64 - unit) / unit)
                return FALSE;

        usec = whole * unit + millionths * (unit / 1000000) + millionths * (unit % 1000000) / 1000000;
        *ret_usec = usec;
        return TRUE;
}
