/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <inttypes.h>

#include "cleanup.h"
#include "fuzz.h"
#include "size.h"

/* What was accepted is the number that stands there, and nothing else stands there. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        char again[32];
        uint64_t value = 4711;
        int r;

        r = size_parse(text, &value);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        if (r < 0) {
                FUZZ_CHECK(value == 4711);
                return 0;
        }
        if (strcmp(text, "max\n") == 0) {
                FUZZ_CHECK(value == SIZE_UNLIMITED);
                return 0;
        }

        const char *digits = text + strspn(text, "0");
        (void) snprintf(again, sizeof(again), "%" PRIu64 "\n", value);
        FUZZ_CHECK(strcmp(again, digits) == 0 || (value == 0 && strcmp(digits, "\n") == 0 && digits > text));
        return 0;
}
