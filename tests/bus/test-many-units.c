/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Units without number and with long names, as whoever has been delegated a group can make them: the list of
 * all has a bound, and nothing else is the worse for it. */

#include <glib.h>

#include "client.h"
#include "figure.h"
#include "lengthy.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define N_UNITS 2500 /* beyond the bound */
#define MEMORY_MAX (16 * MIB)
#define PATIENCE_SEC 60

static char *list_units(sd_bus *bus) {
        const char *error;

        error = client_call(bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL);
        return g_strdup(error);
}

static void test_list(Stage *stage, const void *data) {
        g_autofree char *before = NULL, *with = NULL, *after = NULL;
        gint64 deadline;
        Figures figures;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;

        before = list_units(stage->client);
        g_assert_null(before);
        lengthy_make(slice, N_UNITS);
        /* What was found before is good for a while. */
        deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;
        do {
                g_free(with);
                with = list_units(stage->client);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        } while (!with);
        g_assert_cmpstr(with, ==, MYMEM_ERROR_LIMITS_EXCEEDED);
        if (service_is_bare())
                g_assert_cmpuint(service_memory(stage->service), <=, MEMORY_MAX);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);

        slice_free(slice);
        after = list_units(stage->client);
        g_assert_null(after);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/many-units/list", test_list);

        return stage_run();
}
