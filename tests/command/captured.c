/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <unistd.h>

#include "captured.h"
#include "tree.h"

static char *replace(const char *text, const char *what, const char *before) {
        g_autofree char *with = g_strdup_printf("%s%u", before, (unsigned) getuid());
        g_auto(GStrv) parts = g_strsplit(text, what, -1);

        return g_strjoinv(with, parts);
}

Captured *captured_unpack(const char *name) {
        g_autofree char *path = g_strdup_printf("%s/%s.tree", g_getenv("MYMEM_FIXTURES"), name);
        g_autofree char *text = NULL, *slices = NULL, *own = NULL;
        Captured *captured = g_new0(Captured, 1);
        g_autoptr(GError) error = NULL;
        g_autoptr(Tree) tree = NULL;

        g_file_get_contents(path, &text, NULL, &error);
        g_assert_no_error(error);
        slices = replace(text, "user-1000", "user-");
        own = replace(slices, "user@1000", "user@");
        tree = tree_parse(own);
        g_assert_cmpstr(tree->complaint, ==, NULL);

        captured->directory = g_dir_make_tmp("mymem-machine-XXXXXX", &error);
        g_assert_no_error(error);
        captured->option = g_strconcat("--sysroot=", captured->directory, NULL);
        g_assert_cmpint(tree_unpack(tree, captured->directory), ==, 0);
        return captured;
}

void captured_write(const Captured *captured, const char *path, const char *text) {
        g_autofree char *full = g_build_filename(captured->directory, path, NULL);
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(access(full, F_OK), ==, 0);
        g_file_set_contents(full, text, -1, &error);
        g_assert_no_error(error);
}

void captured_free(Captured *captured) {
        if (!captured)
                return;

        g_assert_cmpint(tree_remove(captured->directory), ==, 0);
        g_free(captured->directory);
        g_free(captured->option);
        g_free(captured);
}
