/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>

#include "cleanup.h"
#include "display.h"
#include "fuzz.h"

/* What is shown is UTF-8 without control characters; and what is so already is shown as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *raw = fuzz_text(data, size), *shown = NULL, *again = NULL;

        shown = display_text(raw);
        FUZZ_CHECK(shown);
        FUZZ_CHECK(strlen(shown) >= strlen(raw) && strlen(shown) <= 4 * strlen(raw));
        FUZZ_CHECK(g_utf8_validate(shown, -1, NULL));
        for (const char *p = shown; *p != '\0'; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);

                FUZZ_CHECK(!g_unichar_iscntrl(c));
                FUZZ_CHECK((c & 0xfffe) != 0xfffe && (c < 0xfdd0 || c > 0xfdef));
        }

        again = display_text(shown);
        FUZZ_CHECK(again && strcmp(shown, again) == 0);
        return 0;
}
