/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "membership.h"

/* A path stands in the text, between a colon and the end of its line. */
static void check_path(const char *text, const char *path) {
        size_t length;

        if (!path)
                return;

        length = strlen(path);
        FUZZ_CHECK(path[0] == '/' && !strchr(path, '\n'));
        for (const char *p = strstr(text, path); p; p = strstr(p + 1, path))
                if (p > text && p[-1] == ':' && p[length] == '\n')
                        return;
        FUZZ_CHECK(!"the path stands in the text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_(membership_done) Membership membership = { 0 };
        _cleanup_free_ char *text = fuzz_text(data, size);
        int r;

        r = membership_parse(text, &membership);
        FUZZ_CHECK(r == 0 || r == -EBADMSG);
        FUZZ_CHECK(r == 0 || (!membership.memory && !membership.unified && !membership.systemd));
        FUZZ_CHECK(r < 0 || text[0] == '\0' || text[strlen(text) - 1] == '\n');
        check_path(text, membership.memory);
        check_path(text, membership.unified);
        check_path(text, membership.systemd);
        return 0;
}
