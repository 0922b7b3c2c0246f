/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lengthy.h"

#include <glib.h>
#include <sys/stat.h>

#include "group.h"

#define N_LEVELS 10
#define N_LETTERS 200 /* of the name of each level */

static void make(const char *directory) {
        g_assert_cmpint(mkdir(directory, 0755), ==, 0);
}

void lengthy_make(const Slice *slice, unsigned n) {
        g_autofree char *letters = g_strnfill(N_LETTERS, 'a');
        g_autoptr(GString) directory = g_string_new(NULL);
        g_autofree char *memory = group_memory_directory(slice->path);

        g_string_assign(directory, memory);
        for (unsigned i = 0; i < N_LEVELS; i++) {
                g_string_append_printf(directory, "/%s", letters);
                make(directory->str);
        }
        for (unsigned i = 0; i < n; i++) {
                g_autofree char *unit = g_strdup_printf("%s/u%u.service", directory->str, i);

                make(unit);
        }
}
