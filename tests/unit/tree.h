/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A tree: a captured machine and what the command must say about it, in one plain text file.
 * fixtures/README.md describes the format. */

typedef struct Expectation {
        unsigned line;     /* where its @expect stands, for messages */
        char *pid;         /* the target, as given to the command */
        GPtrArray *wanted; /* char*: "Name=value", "exit=N" or "stderr~text" */
} Expectation;

typedef struct Tree {
        GHashTable *files;       /* path -> GString, the whole content */
        GHashTable *directories; /* a set of paths: groups without files of interest */
        GPtrArray *expectations; /* Expectation* */
        char *complaint;         /* the first thing that is wrong with the text, or NULL */
} Tree;

/* Reads the text of a .tree file. Always gives a tree; it is of use only if 'complaint' is NULL. */
Tree *tree_parse(const char *text);

/* Writes the files and directories of the tree below 'directory'. Returns 0 or a negative errno. */
int tree_unpack(const Tree *tree, const char *directory);

/* Removes 'directory' and all that lies in it. Returns 0 or a negative errno. */
int tree_remove(const char *directory);

void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)
