/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "cleanup.h"
#include "fuzz.h"
#include "mounts.h"
#include "path.h"

/* No two are mounted on one directory; what is found is one of them, of the kind asked for, and shows the
 * path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const MountKind kinds[] = { MOUNT_MEMORY, MOUNT_UNIFIED, MOUNT_SYSTEMD };
        static const char *const paths[] = { NULL, "/", "/a", "/docker/abc/x" };
        _cleanup_(mounts_done) Mounts mounts = { 0 };
        _cleanup_free_ char *text = fuzz_text(data, size);
        int r;

        r = mounts_parse(text, &mounts);
        FUZZ_CHECK(r == 0 || r == -EBADMSG);
        FUZZ_CHECK(r == 0 || (!mounts.items && mounts.n == 0));

        for (size_t i = 0; i < mounts.n; i++) {
                FUZZ_CHECK(mounts.items[i].root && mounts.items[i].point && mounts.items[i].fd == -1);
                for (size_t j = 0; j < i; j++)
                        FUZZ_CHECK(strcmp(mounts.items[i].point, mounts.items[j].point) != 0);
        }

        for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
                for (size_t j = 0; j < sizeof(paths) / sizeof(*paths); j++) {
                        const Mount *mount = mounts_find(&mounts, kinds[i], paths[j]);

                        if (!mount)
                                continue;
                        FUZZ_CHECK(mount >= mounts.items && mount < mounts.items + mounts.n);
                        FUZZ_CHECK(mount->kind == kinds[i]);
                        FUZZ_CHECK(!paths[j] || path_after(paths[j], mount->root));
                }
        return 0;
}
