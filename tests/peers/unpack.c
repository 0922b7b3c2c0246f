/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>

#include "tree.h"

/* usage: unpack FILE.tree DIRECTORY
 *
 * Unpacks a captured machine of tests/unit/fixtures, for tests that are not in C. */

int main(int argc, char **argv) {
        g_autofree char *text = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(Tree) tree = NULL;

        if (argc != 3) {
                fputs("usage: unpack FILE.tree DIRECTORY\n", stderr);
                return EXIT_FAILURE;
        }
        if (!g_file_get_contents(argv[1], &text, NULL, &error)) {
                fprintf(stderr, "%s\n", error->message);
                return EXIT_FAILURE;
        }

        tree = tree_parse(text);
        if (tree->complaint || tree_unpack(tree, argv[2]) < 0) {
                fprintf(stderr,
                        "%s: %s\n",
                        argv[1],
                        tree->complaint ? tree->complaint : "cannot be unpacked");
                return EXIT_FAILURE;
        }

        return EXIT_SUCCESS;
}
