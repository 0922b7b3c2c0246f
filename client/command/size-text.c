/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "size-text.h"
#include "size.h"

static const char suffixes[] = "BKMGTPE";

char *size_text_format(guint64 value, gboolean bytes) {
        unsigned power = 0;
        guint64 whole = value;

        if (bytes)
                return g_strdup_printf("%" G_GUINT64_FORMAT, value);

        while (whole >= 1024) {
                whole /= 1024;
                power++;
        }
        if (power == 0)
                return g_strdup_printf("%" G_GUINT64_FORMAT "B", value);

        /* The rest is less than 1024 of the next smaller unit. */
        return g_strdup_printf("%" G_GUINT64_FORMAT ".%u%c",
                               whole,
                               (unsigned) ((value >> (10 * (power - 1))) % 1024 * 10 / 1024),
                               suffixes[power]);
}

char *size_text_format_limit(guint64 value, gboolean bytes) {
        return value == SIZE_UNLIMITED ? g_strdup("infinity") : size_text_format(value, bytes);
}

char *size_text_format_measure(guint64 value, gboolean bytes) {
        return value == SIZE_UNKNOWN ? g_strdup("-") : size_text_format(value, bytes);
}

/* Reads the suffix; the power of 1024 that it stands for, or -1. */
static int parse_suffix(const char *text) {
        const char *found;

        if (*text == '\0')
                return 0;
        found = strchr(suffixes, g_ascii_toupper(*text));
        if (!found)
                return -1;
        if (text[1] == '\0' || (found != suffixes && strcmp(text + 1, "iB") == 0) ||
            (found != suffixes && strcmp(text + 1, "B") == 0))
                return (int) (found - suffixes);

        return -1;
}

/* Reads what stands behind a point, as parts of 10^9; further digits must be there, but do not count. */
static gboolean parse_fraction(const char **text, guint64 *ret) {
        guint64 fraction = 0, unit = 100000000;

        if (!g_ascii_isdigit(**text))
                return FALSE;
        for (; g_ascii_isdigit(**text); (*text)++) {
                fraction += (guint64) g_ascii_digit_value(**text) * unit;
                unit /= 10;
        }

        *ret = fraction;
        return TRUE;
}

gboolean size_text_parse(const char *text, guint64 *ret) {
        guint64 whole, fraction = 0, factor;
        int power;

        if (size_scan(&text, &whole) < 0)
                return FALSE;
        if (*text == '.') {
                text++;
                if (!parse_fraction(&text, &fraction))
                        return FALSE;
        }
        power = parse_suffix(text);
        if (power < 0 || (power == 0 && fraction > 0))
                return FALSE;

        factor = UINT64_C(1) << (10 * power);
        if (whole > G_MAXUINT64 / factor)
                return FALSE;
        whole *= factor;
        fraction = (guint64) ((long double) fraction * (long double) factor / 1000000000);
        if (fraction > G_MAXUINT64 - whole)
                return FALSE;

        *ret = whole + fraction;
        return TRUE;
}

gboolean size_text_parse_share(const char *text, guint64 whole, guint64 *ret) {
        guint64 percent;
        const char *cursor = text;

        if (!g_str_has_suffix(text, "%"))
                return size_text_parse(text, ret);
        if (size_scan(&cursor, &percent) < 0 || strcmp(cursor, "%") != 0 || percent > 100)
                return FALSE;

        *ret = whole / 100 * percent + whole % 100 * percent / 100;
        return TRUE;
}
