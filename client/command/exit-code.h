/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>

/* The exit codes of mymem(1). */

enum {
        EXIT_CODE_OK = 0,
        EXIT_CODE_FAILURE = 1,
        EXIT_CODE_USAGE = 2,
        EXIT_CODE_GONE = 3, /* the process or unit is gone or vanished */
        EXIT_CODE_NO_SUCH_UNIT = 4,
        EXIT_CODE_NO_CONTROLLER = 5, /* no memory controller */
        EXIT_CODE_TIMEOUT = 124,     /* as timeout(1) */
};

/* The exit code for an error of machine.h. */
static inline int exit_code_from_error(int r) {
        switch (r) {
        case -ESRCH:
        case -ENODEV:
                return EXIT_CODE_GONE;
        case -ENOENT:
                return EXIT_CODE_NO_SUCH_UNIT;
        case -ENODATA:
                return EXIT_CODE_NO_CONTROLLER;
        default:
                return EXIT_CODE_FAILURE;
        }
}
