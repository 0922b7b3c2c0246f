/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "exit-code.h"
#include "program.h"

static const char *const verbs[] = { "top", NULL };

gboolean program_is_known(const char *verb) {
        return g_strv_contains(verbs, verb);
}

int program_start(char **words) {
        const char *directory = g_getenv("MYMEM_EXEC_PATH");
        g_autofree char *name = g_strconcat("mymem-", words[0], NULL), *path = NULL;

        path = g_build_filename(directory ? directory : MYMEM_PROGRAM_DIRECTORY, name, NULL);
        (void) execv(path, words);

        if (errno == ENOENT)
                g_printerr("mymem: '%s' is not installed: there is no %s.\n", words[0], path);
        else
                g_printerr("mymem: %s: %s\n", path, g_strerror(errno));
        return EXIT_CODE_FAILURE;
}
