/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "Flat keyed" kernel files, lines of "KEY VALUE\n": memory.stat, memory.events, memory.oom_control. */

typedef struct KeyedLine {
        const char *key; /* not ended with NUL */
        size_t length;   /* of the key */
        uint64_t value;
} KeyedLine;

/* Reads the line at '*cursor' and moves the cursor behind it. A negative value counts as 0: kernels have had
 * such bugs, and less than nothing is nothing. No key has a control character.
 * Returns 1, 0 at the end of the text, -EBADMSG for a line of another shape, -ERANGE beyond 2^64 - 1. */
int keyed_next(const char **cursor, KeyedLine *ret);

/* A key that is looked for, and the offset of a uint64_t in the structure to fill. */
typedef struct KeyedField {
        char key[28]; /* in here, so that nothing of a table is to be relocated */
        uint16_t length;
        uint16_t offset;
} KeyedField;

#define KEYED_FIELD(key, type, member) \
        { key, sizeof(key) - 1, offsetof(type, member) }

/* Whether the line's key is the field's, the whole word. */
bool keyed_is(const KeyedLine *line, const KeyedField *field);

/* Reads a whole text and stores each value whose key is in 'fields'; others are left alone. Every line must
 * have the right shape, whether it is wanted or not. Returns 0, -EBADMSG or -ERANGE. */
int keyed_parse(const char *text, const KeyedField *fields, size_t n, void *ret);
