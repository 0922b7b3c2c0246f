/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "process-stat.h"

/* Whatever the program is called, what stands behind the last bracket counts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size), *renamed = NULL;
        ProcessStat stat = { true, 4711 }, again = { true, 4711 };
        const char *bracket = strrchr(text, ')');
        int r;

        r = process_stat_parse(text, &stat);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        FUZZ_CHECK(r == 0 || (stat.is_dead && stat.start_time == 4711));
        if (!bracket) {
                FUZZ_CHECK(r == -EBADMSG);
                return 0;
        }

        FUZZ_CHECK(asprintf(&renamed, "1 (a) Z 1 (b)%s", bracket) >= 0);
        FUZZ_CHECK(process_stat_parse(renamed, &again) == r);
        FUZZ_CHECK(stat.is_dead == again.is_dead && stat.start_time == again.start_time);
        return 0;
}
