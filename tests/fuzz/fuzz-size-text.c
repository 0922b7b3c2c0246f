/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fuzz.h"
#include "size-text.h"

#define WHOLE UINT64_C(12345678901)

/* What people type as a size. What is written for people is read back as not more, and as little less as one
 * decimal allows. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autofree char *text = fuzz_text(data, size), *bytes = NULL, *shown = NULL;
        guint64 value = 4711, again, share = 4711;

        if (size_text_parse_share(text, WHOLE, &share) && strchr(text, '%'))
                FUZZ_CHECK(share <= WHOLE);
        if (!size_text_parse(text, &value)) {
                FUZZ_CHECK(value == 4711 && (share == 4711 || strchr(text, '%')));
                return 0;
        }
        FUZZ_CHECK(share == value && g_ascii_isdigit(*text));

        bytes = size_text_format(value, TRUE);
        FUZZ_CHECK(size_text_parse(bytes, &again) && again == value);

        shown = size_text_format(value, FALSE);
        FUZZ_CHECK(size_text_parse(shown, &again) && again <= value);
        FUZZ_CHECK(value < 1024 ? again == value : value - again <= value / 10 + 1);
        return 0;
}
