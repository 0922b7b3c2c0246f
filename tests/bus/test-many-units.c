/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Units without number and with long names, as whoever has been delegated a group can make them: the list of
 * all has a bound, and nothing else is the worse for it. */

#include <glib.h>
#include <sys/stat.h>

#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define N_LEVELS 10
#define N_LETTERS 200 /* of the name of each level */
#define N_UNITS 2500  /* beyond the bound, with such names */
#define MEMORY_MAX (16 * MIB)
#define PATIENCE_SEC 60

static char *list_units(sd_bus *bus) {
        const char *error;

        error = client_call(bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL);
        return g_strdup(error);
}

static void make(const char *directory) {
        g_assert_cmpint(mkdir(directory, 0755), ==, 0);
}

/* Makes them all below the slice; what it has leads to there. */
static void make_units(const Slice *slice) {
        g_autofree char *letters = g_strnfill(N_LETTERS, 'a');
        g_autoptr(GString) directory = g_string_new(NULL);
        g_autofree char *memory = group_memory_directory(slice->path);

        g_string_assign(directory, memory);
        for (unsigned i = 0; i < N_LEVELS; i++) {
                g_string_append_printf(directory, "/%s", letters);
                make(directory->str);
        }
        for (unsigned i = 0; i < N_UNITS; i++) {
                g_autofree char *unit = g_strdup_printf("%s/u%u.service", directory->str, i);

                make(unit);
        }
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
        make_units(slice);
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
