/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "keyed.h"
#include "size.h"

int keyed_next(const char **cursor, KeyedLine *ret) {
        KeyedLine line;
        const char *p;
        bool negative;
        int r;

        assert(cursor);
        assert(*cursor);
        assert(ret);

        if (**cursor == '\0')
                return 0;

        line.key = *cursor;
        for (p = line.key; *p != ' ' && *p != '\n' && *p != '\0';)
                p++;
        line.length = (size_t) (p - line.key);
        if (line.length == 0 || *p != ' ')
                return -EBADMSG;
        p++;

        negative = *p == '-';
        if (negative)
                p++;
        r = size_scan(&p, &line.value);
        if (r < 0)
                return r;
        if (*p != '\n')
                return -EBADMSG;
        if (negative)
                line.value = 0;

        *cursor = p + 1;
        *ret = line;
        return 1;
}

bool keyed_is(const KeyedLine *line, const KeyedField *field) {
        assert(line);
        assert(field);

        /* Most differ in their length already, and there are very many of them. */
        return line->length == field->length && memcmp(line->key, field->key, field->length) == 0;
}

int keyed_parse(const char *text, const KeyedField *fields, size_t n, void *ret) {
        KeyedLine line;
        int r;

        assert(text);
        assert(fields);
        assert(ret);

        while ((r = keyed_next(&text, &line)) > 0)
                for (size_t i = 0; i < n; i++)
                        if (keyed_is(&line, &fields[i]))
                                *(uint64_t *) ((char *) ret + fields[i].offset) = line.value;

        return r;
}
