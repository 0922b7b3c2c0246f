/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit-code.h"
#include "program.h"

static const char *const verbs[] = { "run", "top", NULL };

gboolean program_is_known(const char *verb) {
        return g_strv_contains(verbs, verb);
}

int program_start(char **words) {
        const char *directory = secure_getenv("MYMEM_EXEC_PATH");
        g_autofree char *name = g_strconcat("mymem-", words[0], NULL), *path = NULL;

        path = g_build_filename(directory ? directory : MYMEM_PROGRAM_DIRECTORY, name, NULL);
        words[0] = name;
        (void) execv(path, words);

        if (errno == ENOENT)
                g_printerr("mymem: There is no %s: it is not installed.\n", path);
        else
                g_printerr("mymem: %s: %s\n", path, g_strerror(errno));
        return EXIT_CODE_FAILURE;
}
