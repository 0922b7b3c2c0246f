/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "keyed.h"
#include "size.h"

/* Left to itself, the compiler makes functions of what is in the loop over all lines. */
#define _inline_ static inline __attribute__((__always_inline__))

/* As keyed_next(), as a part of who goes through many lines. Of whose end only size_scan() has the address,
 * the rest stays in registers. */
_inline_ int read_line(const char **cursor, KeyedLine *ret) {
        const char *p = *cursor, *end;
        KeyedLine line = { .key = p };
        bool negative;
        int r;

        if (*p == '\0')
                return 0;

        while ((unsigned char) *p > ' ')
                p++;
        line.length = (size_t) (p - line.key);
        if (line.length == 0 || *p != ' ')
                return -EBADMSG;

        end = p + 1;
        negative = *end == '-';
        if (negative)
                end++;
        r = size_scan(&end, &line.value);
        if (r < 0)
                return r;
        if (*end != '\n')
                return -EBADMSG;
        if (negative)
                line.value = 0;

        *cursor = end + 1;
        *ret = line;
        return 1;
}

int keyed_next(const char **cursor, KeyedLine *ret) {
        assert(cursor);
        assert(*cursor);
        assert(ret);

        return read_line(cursor, ret);
}

/* Neither is empty. Keys of the same length differ mostly in what they end in. */
_inline_ bool is_key(const KeyedLine *line, const KeyedField *field) {
        const size_t last = field->length - 1;

        return line->length == field->length && line->key[last] == field->key[last] &&
                memcmp(line->key, field->key, last) == 0;
}

bool keyed_is(const KeyedLine *line, const KeyedField *field) {
        assert(line);
        assert(field);

        return is_key(line, field);
}

/* A set of lengths, of which those that are 64 apart are not told apart. */
static inline uint64_t length_bit(size_t length) {
        return UINT64_C(1) << length % 64;
}

int keyed_parse(const char *text, const KeyedField *fields, size_t n, void *ret) {
        uint64_t lengths = 0;
        KeyedLine line;
        int r;

        assert(text);
        assert(fields);
        assert(ret);

        for (size_t i = 0; i < n; i++)
                lengths |= length_bit(fields[i].length);

        while ((r = read_line(&text, &line)) > 0) {
                /* Most have not even the length of a key that is wanted, and there are very many of them. */
                if ((lengths & length_bit(line.length)) == 0)
                        continue;
                for (size_t i = 0; i < n; i++)
                        if (is_key(&line, &fields[i]))
                                *(uint64_t *) ((char *) ret + fields[i].offset) = line.value;
        }

        return r;
}
