/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

/* Ownership, spelled out: a local declared with one of these marks owns what it holds and lets go of
 * it on every way out of its block. take_ptr() and take_fd() hand over and leave nothing behind. */

#define _cleanup_(f) __attribute__((__cleanup__(f)))
#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

static inline void freep(void *pointer) {
        free(*(void **) pointer);
}

static inline void closep(const int *fd) {
        if (*fd >= 0)
                close(*fd);
}

static inline void closedirp(DIR **directory) {
        if (*directory)
                closedir(*directory);
}

#define take_ptr(pointer)                               \
        __extension__({                                 \
                __typeof__(*(pointer)) _p = *(pointer); \
                *(pointer) = NULL;                      \
                _p;                                     \
        })

static inline int take_fd(int *fd) {
        int taken = *fd;

        *fd = -1;
        return taken;
}
