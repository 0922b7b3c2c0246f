/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "batch.h"
#include "exit-code.h"

static void print_batch(const Overview *overview) {
        g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GStringChunk) names = g_string_chunk_new(1024);

        for (guint i = 0; i < overview->rows->len; i++) {
                const Row *row = overview_row(overview, i);
                g_autofree char *name = g_strdup_printf("%*s%s", (int) row->depth * 2, "", row->unit->name);
                Unit *unit = g_memdup2(row->unit, sizeof(*row->unit));

                unit->name = g_string_chunk_insert(names, name);
                g_ptr_array_add(units, unit);
        }
        units_print(&overview->options, units);
        (void) fflush(stdout);
}

int batch_run(Overview *overview) {
        int r;

        while (!overview_is_over(overview)) {
                gint64 rest;

                r = overview_look(overview);
                if (r < 0) {
                        g_printerr("mymem: %s\n", overview->message);
                        return exit_code_from_error(r);
                }
                if (overview->n_looks > 1)
                        putchar('\n');
                print_batch(overview);
                if (ferror(stdout))
                        return EXIT_CODE_FAILURE;
                rest = overview_is_over(overview) ? 0 : overview->look_at_usec - g_get_monotonic_time();
                if (rest > 0)
                        g_usleep((gulong) rest);
        }

        return EXIT_CODE_OK;
}
