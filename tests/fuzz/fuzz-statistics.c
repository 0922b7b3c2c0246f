/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "size.h"
#include "statistics.h"

/* A brief reading fails where a whole one does, and says the same. */
static void check_brief(const char *text, int version, int r, const Statistics *whole) {
        Statistics brief;

        FUZZ_CHECK(statistics_parse_brief(text, version, &brief) == r);
        if (r < 0)
                return;
        FUZZ_CHECK(brief.inactive_file == whole->inactive_file);
        FUZZ_CHECK(brief.inactive_cache == whole->inactive_cache);
        FUZZ_CHECK(brief.hierarchical_limit == whole->hierarchical_limit);
}

/* Both versions take and refuse the same texts: they differ in what they look for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        Statistics legacy = { .swap = 4711 }, unified = { .zswap = 4711 };
        int r;

        r = statistics_parse(text, 1, &legacy);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        FUZZ_CHECK(statistics_parse(text, 2, &unified) == r);
        check_brief(text, 1, r, &legacy);
        check_brief(text, 2, r, &unified);
        if (r < 0) {
                FUZZ_CHECK(legacy.swap == 4711 && unified.zswap == 4711);
                return 0;
        }

        FUZZ_CHECK(legacy.kernel == SIZE_UNKNOWN && legacy.zswap == SIZE_UNKNOWN);
        FUZZ_CHECK(legacy.hierarchical_limit < SIZE_V1_UNLIMITED ||
                   legacy.hierarchical_limit == SIZE_UNLIMITED);
        FUZZ_CHECK(unified.swap == SIZE_UNKNOWN && unified.hierarchical_limit == SIZE_UNLIMITED);
        FUZZ_CHECK(unified.inactive_cache == unified.inactive_file ||
                   (unified.inactive_cache == 0 && unified.inactive_file == SIZE_UNKNOWN));
        FUZZ_CHECK(legacy.inactive_cache == legacy.inactive_file ||
                   (legacy.inactive_cache == 0 && legacy.inactive_file == SIZE_UNKNOWN));
        return 0;
}
