/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cleanup.h"
#include "display.h"

/* How many bytes the character at 'text' has, 0 if there is no whole and shortest encoding of one. */
static size_t decode(const unsigned char *text, uint32_t *ret) {
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        uint32_t character;
        size_t n;

        if (text[0] < 0x80) {
                *ret = text[0];
                return 1;
        }
        n = (text[0] & 0xe0) == 0xc0 ? 2 : (text[0] & 0xf0) == 0xe0 ? 3 : (text[0] & 0xf8) == 0xf0 ? 4 : 0;
        if (n == 0)
                return 0;

        character = text[0] & (0xffU >> (n + 1));
        for (size_t i = 1; i < n; i++) {
                if ((text[i] & 0xc0) != 0x80)
                        return 0;
                character = character << 6 | (text[i] & 0x3f);
        }
        if (character < smallest[n])
                return 0;

        *ret = character;
        return n;
}

/* Control characters of ASCII and of Latin-1 move a terminal; surrogates and noncharacters are no text. */
static bool is_shown(uint32_t character) {
        return !(character < 0x20 || (character >= 0x7f && character < 0xa0) ||
                 (character >= 0xd800 && character <= 0xdfff) ||
                 (character >= 0xfdd0 && character <= 0xfdef) || (character & 0xfffe) == 0xfffe ||
                 character > 0x10ffff);
}

static char *put_escaped(char *to, unsigned char byte) {
        static const char digits[] = "0123456789abcdef";

        *to++ = '\\';
        *to++ = 'x';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 0xf];
        return to;
}

char *display_text(const char *raw) {
        const unsigned char *from = (const unsigned char *) raw;
        char *text, *to;

        assert(raw);

        text = to = malloc(strlen(raw) * strlen("\\xNN") + 1);
        if (!text)
                return NULL;

        while (*from != '\0') {
                uint32_t character;
                size_t n = decode(from, &character);

                if (n > 0 && is_shown(character)) {
                        memcpy(to, from, n);
                        to += n;
                        from += n;
                } else
                        to = put_escaped(to, *from++);
        }

        *to = '\0';
        return text;
}
