/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "pressure.h"
#include "size.h"

static int expect(const char **cursor, const char *word) {
        size_t length = strlen(word);

        if (strncmp(*cursor, word, length) != 0)
                return -EBADMSG;

        *cursor += length;
        return 0;
}

/* "12.34", whatever the locale says of decimal points: the kernel writes two decimals. */
static int parse_percent(const char **cursor, double *ret) {
        const char *p = *cursor;
        uint64_t whole;
        int r;

        r = size_scan(&p, &whole);
        if (r < 0)
                return r;
        if (p[0] != '.' || p[1] < '0' || p[1] > '9' || p[2] < '0' || p[2] > '9')
                return -EBADMSG;

        *ret = ((double) whole * 100 + (p[1] - '0') * 10 + (p[2] - '0')) / 100;
        *cursor = p + 3;
        return 0;
}

static int parse_line(const char **cursor, const char *kind, PressureLine *ret) {
        static const char *const names[] = { " avg10=", " avg60=", " avg300=" };
        PressureLine line;
        double *const averages[] = { &line.average10, &line.average60, &line.average300 };
        int r;

        r = expect(cursor, kind);
        for (size_t i = 0; r >= 0 && i < sizeof(names) / sizeof(*names); i++) {
                r = expect(cursor, names[i]);
                if (r >= 0)
                        r = parse_percent(cursor, averages[i]);
        }
        if (r >= 0)
                r = expect(cursor, " total=");
        if (r >= 0)
                r = size_scan(cursor, &line.total);
        if (r >= 0)
                r = expect(cursor, "\n");
        if (r < 0)
                return r;

        *ret = line;
        return 0;
}

void pressure_unknown(Pressure *ret) {
        static const PressureLine unknown = { NAN, NAN, NAN, SIZE_UNKNOWN };

        assert(ret);

        *ret = (Pressure) { unknown, unknown };
}

int pressure_parse(const char *text, Pressure *ret) {
        Pressure pressure;
        int r;

        assert(text);
        assert(ret);

        r = parse_line(&text, "some", &pressure.some);
        if (r < 0)
                return r;
        r = parse_line(&text, "full", &pressure.full);
        if (r < 0)
                return r;
        if (*text != '\0')
                return -EBADMSG;

        *ret = pressure;
        return 0;
}
