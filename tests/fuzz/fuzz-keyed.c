/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "keyed.h"

typedef struct Found {
        uint64_t file, anon;
} Found;

/* A whole reading finds what going line by line finds, and fails where that fails. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const KeyedField fields[] = {
                KEYED_FIELD("file", Found, file),
                KEYED_FIELD("anon", Found, anon),
        };
        _cleanup_free_ char *text = fuzz_text(data, size);
        Found found = { 4711, 4711 }, wanted = { 4711, 4711 };
        const char *cursor = text;
        KeyedLine line;
        int r;

        for (;;) {
                const char *before = cursor;

                r = keyed_next(&cursor, &line);
                if (r <= 0) {
                        FUZZ_CHECK(cursor == before);
                        break;
                }
                FUZZ_CHECK(cursor > before && cursor[-1] == '\n');
                FUZZ_CHECK(line.key == before && line.length > 0 && line.key[line.length] == ' ');
                FUZZ_CHECK(!memchr(line.key, '\n', line.length));
                if (line.length == 4 && memcmp(line.key, "file", 4) == 0)
                        wanted.file = line.value;
                if (line.length == 4 && memcmp(line.key, "anon", 4) == 0)
                        wanted.anon = line.value;
        }
        FUZZ_CHECK(r == -EBADMSG || r == -ERANGE || *cursor == '\0');
        FUZZ_CHECK(keyed_parse(text, fields, 2, &found) == r);
        FUZZ_CHECK(found.file == wanted.file && found.anon == wanted.anon);
        return 0;
}
