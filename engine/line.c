/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "line.h"
#include "size.h"

const char *line_find(const char *text, const char *key) {
        size_t length;

        assert(text);
        assert(key);

        length = strlen(key);
        for (const char *p = text; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
                if (strncmp(p, key, length) == 0)
                        return p + length + strspn(p + length, " \t");

        return NULL;
}

int line_parse_kibibytes(const char *text, uint64_t *ret) {
        static const char unit[] = " kB\n";
        uint64_t value;
        int r;

        assert(text);
        assert(ret);

        r = size_scan(&text, &value);
        if (r < 0)
                return r;
        if (strncmp(text, unit, strlen(unit)) != 0)
                return -EBADMSG;
        if (__builtin_mul_overflow(value, 1024, &value))
                return -ERANGE;

        *ret = value;
        return 0;
}
