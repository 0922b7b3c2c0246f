/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <mymem.h>
#include <unistd.h>

#include "handle.h"
#include "layout.h"
#include "look.h"
#include "public.h"

static int get(const Target *target, struct mymem *ret, size_t size) {
        struct mymem figures;
        int r;

        if (!layout_is_valid(ret, size))
                return -EINVAL;

        r = look(target, &figures);
        if (r < 0)
                return r;

        layout_copy(&figures, ret, size);
        return 0;
}

_public_ int(mymem_get)(struct mymem *ret, size_t size) {
        return get(&(Target) { .kind = TARGET_SELF }, ret, size);
}

_public_ int(mymem_get_pid)(pid_t pid, struct mymem *ret, size_t size) {
        if (pid < 0)
                return layout_is_valid(ret, size) ? -ESRCH : -EINVAL;
        /* The service numbers processes differently if it is in another PID namespace, but knows who asks.
         */
        if (pid == 0 || pid == getpid())
                return get(&(Target) { .kind = TARGET_SELF }, ret, size);

        return get(&(Target) { .kind = TARGET_PROCESS, .pid = (uint32_t) pid }, ret, size);
}

_public_ int(mymem_get_pidfd)(int pidfd, struct mymem *ret, size_t size) {
        if (pidfd < 0)
                return layout_is_valid(ret, size) ? -EBADF : -EINVAL;

        return get(&(Target) { .kind = TARGET_DESCRIPTOR, .pidfd = pidfd }, ret, size);
}

_public_ int(mymem_get_unit)(const char *name, struct mymem *ret, size_t size) {
        if (!name)
                return -EINVAL;

        return get(&(Target) { .kind = TARGET_UNIT, .name = name }, ret, size);
}

_public_ int mymem_open(struct mymem_handle **ret) {
        return ret ? handle_new(ret) : -EINVAL;
}

_public_ int(mymem_sample)(struct mymem_handle *handle, struct mymem *ret, size_t size) {
        struct mymem figures;
        int r;

        if (!handle || !layout_is_valid(ret, size))
                return -EINVAL;

        r = handle_sample(handle, &figures);
        if (r < 0)
                return r;

        layout_copy(&figures, ret, size);
        return 0;
}

_public_ struct mymem_handle *mymem_close(struct mymem_handle *handle) {
        return handle_free(handle);
}
