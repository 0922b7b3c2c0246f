/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "size.h"

int size_scan(const char **cursor, uint64_t *ret) {
        const char *p;
        uint64_t value = 0;

        assert(cursor);
        assert(*cursor);
        assert(ret);

        p = *cursor;
        if (*p < '0' || *p > '9')
                return -EBADMSG;

        for (; *p >= '0' && *p <= '9'; p++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, (uint64_t) (*p - '0'), &value))
                        return -ERANGE;

        *cursor = p;
        *ret = value;
        return 0;
}

int size_parse(const char *text, uint64_t *ret) {
        uint64_t value;
        int r;

        assert(text);
        assert(ret);

        if (strcmp(text, "max\n") == 0) {
                *ret = SIZE_UNLIMITED;
                return 0;
        }

        r = size_scan(&text, &value);
        if (r < 0)
                return r;
        if (strcmp(text, "\n") != 0)
                return -EBADMSG;

        *ret = value;
        return 0;
}
