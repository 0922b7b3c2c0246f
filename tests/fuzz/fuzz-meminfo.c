/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "meminfo.h"
#include "size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        Meminfo meminfo = { 4711, 4711, 4711, 4711 };
        int r;

        r = meminfo_parse(text, &meminfo);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        if (r < 0) {
                FUZZ_CHECK(meminfo.total == 4711 && meminfo.available == 4711);
                FUZZ_CHECK(meminfo.swap_total == 4711 && meminfo.swap_free == 4711);
                return 0;
        }

        /* Whole kibibytes, and never what stands for "not known" where it has to be known. */
        FUZZ_CHECK(strstr(text, "MemTotal:") && strstr(text, "MemAvailable:"));
        FUZZ_CHECK(meminfo.total % 1024 == 0 && meminfo.available % 1024 == 0);
        FUZZ_CHECK(meminfo.swap_total % 1024 == 0 || meminfo.swap_total == SIZE_UNKNOWN);
        FUZZ_CHECK(meminfo.swap_free % 1024 == 0 || meminfo.swap_free == SIZE_UNKNOWN);
        return 0;
}
