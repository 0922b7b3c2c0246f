/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "size.h"

/* So many digits are always a number of 64 bits. */
#define DIGITS_SAFE 19

/* The overflow is looked for only in numbers that are longer than any the kernel writes. */
static int scan_long(const char *p, const char *end, uint64_t *ret) {
        uint64_t value = 0;

        for (; p < end; p++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, (uint64_t) (*p - '0'), &value))
                        return -ERANGE;

        *ret = value;
        return 0;
}

int size_scan(const char **cursor, uint64_t *ret) {
        const char *p;
        uint64_t value = 0;
        int r;

        assert(cursor);
        assert(*cursor);
        assert(ret);

        for (p = *cursor; (unsigned char) (*p - '0') <= 9; p++)
                value = value * 10 + (uint64_t) (*p - '0');
        if (p == *cursor)
                return -EBADMSG;
        if (p - *cursor > DIGITS_SAFE) {
                r = scan_long(*cursor, p, &value);
                if (r < 0)
                        return r;
        }

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
