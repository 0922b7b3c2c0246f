/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "rlimits.h"

/* Each of the two texts sets its own half, or nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        Rlimits limits = { 1, 2, 3, 4 }, status = { 1, 2, 3, 4 };
        int r;

        r = rlimits_parse_limits(text, &limits);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        FUZZ_CHECK(limits.address_space_used == 3 && limits.data_used == 4);
        FUZZ_CHECK(r == 0 || (limits.address_space == 1 && limits.data == 2));
        FUZZ_CHECK(r < 0 || (strstr(text, "Max address space ") && strstr(text, "Max data size ")));

        r = rlimits_parse_status(text, &status);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        FUZZ_CHECK(status.address_space == 1 && status.data == 2);
        FUZZ_CHECK(r == 0 || (status.address_space_used == 3 && status.data_used == 4));
        FUZZ_CHECK(r < 0 || (status.address_space_used % 1024 == 0 && status.data_used % 1024 == 0));
        return 0;
}
