/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A captured machine of tests/unit/fixtures, unpacked for as long as the test runs. */

typedef struct Captured {
        char *directory;
        char *option; /* --sysroot=… */
} Captured;

/* 'name' is that of a tree; the user 1000 in it becomes whoever runs the test. */
Captured *captured_unpack(const char *name);

/* Writes a file of it anew, which must be there. */
void captured_write(const Captured *captured, const char *path, const char *text);

void captured_free(Captured *captured);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Captured, captured_free)
