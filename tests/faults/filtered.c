/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Executes $MYMEM_TEST_FILTERED, with the arguments it was given, below the filter; the supervisor is at the
 * other end of the descriptor $MYMEM_TEST_SUPERVISOR. Such a program can take the place of $MYMEM_SERVICE.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "filter.h"

int main(int argc, char **argv) {
        const char *program = getenv("MYMEM_TEST_FILTERED"), *fd = getenv("MYMEM_TEST_SUPERVISOR");

        (void) argc;

        if (!program || !fd || filter_install((int) strtol(fd, NULL, 10)) < 0) {
                (void) fputs("There is no filter.\n", stderr);
                return EXIT_FAILURE;
        }

        (void) unsetenv("MYMEM_TEST_FILTERED");
        (void) unsetenv("MYMEM_TEST_SUPERVISOR");
        execv(program, argv);
        return EXIT_FAILURE;
}
