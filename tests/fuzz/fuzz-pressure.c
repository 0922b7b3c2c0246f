/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <math.h>

#include "cleanup.h"
#include "fuzz.h"
#include "pressure.h"

static void check_line(const PressureLine *line) {
        FUZZ_CHECK(isfinite(line->average10) && line->average10 >= 0);
        FUZZ_CHECK(isfinite(line->average60) && line->average60 >= 0);
        FUZZ_CHECK(isfinite(line->average300) && line->average300 >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = fuzz_text(data, size);
        Pressure pressure = { .some.total = 4711, .full.total = 4711 };
        int r;

        r = pressure_parse(text, &pressure);
        FUZZ_CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
        if (r < 0) {
                FUZZ_CHECK(pressure.some.total == 4711 && pressure.full.total == 4711);
                return 0;
        }

        FUZZ_CHECK(strncmp(text, "some avg10=", 11) == 0 && strstr(text, "\nfull avg10="));
        check_line(&pressure.some);
        check_line(&pressure.full);
        return 0;
}
