/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdio.h>

/* A file that is written anew beside the one that it replaces, and takes its place as a whole: who reads it
 * meanwhile has the old one or the new one, and nothing in between. */

typedef struct Replacement {
        char *path;
        char *temporary; /* where it is written; NULL once it is in its place */
        FILE *stream;
} Replacement;

/* Opens it for writing. Returns 0; -EEXIST if there is something at 'path' that is no regular file, as a
 * link or a device, which is not replaced; or what the kernel gave. */
int replacement_open(const char *path, Replacement *ret);

/* Puts it into its place. It is not synced: what it holds is of the moment. Returns 0 or what the kernel
 * gave, and then the old file stays. */
int replacement_commit(Replacement *replacement);

/* Removes what was not put into its place. */
void replacement_done(Replacement *replacement);
