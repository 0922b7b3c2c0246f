/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "janitor.h"

/* A slice of the test's own at the top of the control group tree, in which it makes whatever groups it
 * needs. It is removed with all that is in it, also when the test dies. */

typedef struct Slice {
        char *name; /* mymembus1234: no unit of a real system is called so */
        char *path; /* /mymembus1234.slice */
        char *memory_home;
        char *systemd_home;
        Janitor janitor;
} Slice;

/* Makes the slice. Where this is not possible, skips the test with the reason and returns NULL. */
Slice *slice_new(void);

/* Takes the calling process back to where it was and removes the slice, which must hold no process then. */
void slice_free(Slice *slice);

/* Makes a group below the slice, in it a component of 'below' for each level that is to be there already,
 * and returns its path. '%' in 'below' stands for the slice's name: "%-web.service". Free with g_free(). */
char *slice_group(const Slice *slice, const char *below);

/* Replaces '%' as slice_group() does, and makes nothing. */
char *slice_name(const Slice *slice, const char *text);

/* Takes the calling process back to where it was. */
void slice_leave(const Slice *slice);

/* Starts a process in 'group' that holds 'anonymous' bytes of memory and has written 'cache' bytes of file,
 * and that does nothing more. End it with child_kill(). */
pid_t slice_tenant(const char *group, size_t anonymous, size_t cache);
