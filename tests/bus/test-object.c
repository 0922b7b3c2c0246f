/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tree of objects: which paths name something, and which must not. */

#include <glib.h>

#include "client.h"
#include "group.h"
#include "names.h"
#include "properties.h"
#include "slice.h"
#include "stage.h"

/* All ways to ask an object must find that it does not exist. */
static void check_unknown(Stage *stage, const char *path) {
        g_autoptr(GHashTable) properties = NULL;

        g_test_message("the object %s", path);
        g_assert_cmpstr(properties_read(stage->client, &properties, path), ==, SD_BUS_ERROR_UNKNOWN_OBJECT);
        g_assert_cmpstr(client_get(stage->client, path, MYMEM_UNIT_INTERFACE, "Limit"),
                        ==,
                        SD_BUS_ERROR_UNKNOWN_OBJECT);
        g_assert_cmpstr(client_call(stage->client, NULL, path, MYMEM_UNIT_INTERFACE, "GetChain", NULL),
                        ==,
                        SD_BUS_ERROR_UNKNOWN_OBJECT);
        g_assert_cmpstr(client_call(stage->client, NULL, path, MYMEM_UNIT_INTERFACE, "GetStatistics", NULL),
                        ==,
                        SD_BUS_ERROR_UNKNOWN_OBJECT);
        g_assert_cmpstr(client_call(stage->client,
                                    NULL,
                                    path,
                                    "org.freedesktop.DBus.Introspectable",
                                    "Introspect",
                                    NULL),
                        ==,
                        SD_BUS_ERROR_UNKNOWN_OBJECT);
}

static void check_known(Stage *stage, const char *path, const char *control_group) {
        g_autoptr(GHashTable) properties = NULL;

        g_test_message("the object %s", path);
        g_assert_cmpstr(properties_read(stage->client, &properties, path), ==, NULL);
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, control_group);
}

/* Labels below the root, and below a group that exists: nothing, ".", "..", a NUL, what holds a slash. */
static void test_dangerous_labels(Stage *stage, const void *data) {
        static const char *const labels[] = {
                "_",   "_2e",    "_2e_2e", "_2f",    "_2f_2e_2e_2f", "_2e_2e_2f_2e_2e",
                "_00", "_00_2e", "a_00",   "_2f_2f",
        };
        g_autofree char *object = NULL, *below_object = NULL, *below = NULL;
        Slice *slice;

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
                g_autofree char *path = g_strconcat(MYMEM_UNIT_PATH "/", labels[i], NULL);

                check_unknown(stage, path);
        }

        slice = slice_new();
        if (!slice)
                return;
        below = slice_group(slice, "a");
        object = client_object(slice->path);
        below_object = client_object(below);
        check_known(stage, below_object, below);
        for (size_t i = 0; i < G_N_ELEMENTS(labels); i++) {
                g_autofree char *last = g_strconcat(object, "/", labels[i], NULL);
                g_autofree char *inner = g_strconcat(object, "/", labels[i], "/a", NULL);
                g_autofree char *joined = g_strconcat(object, "_2fa", NULL);

                check_unknown(stage, last);
                check_unknown(stage, inner);
                check_unknown(stage, joined);
        }

        slice_free(slice);
}

/* A label that decodes to the name of a group that exists, but is not how the name is written. */
static void test_aliases(Stage *stage, const void *data) {
        static const struct {
                const char *name;
                const char *label;
                const char *alias;
        } cases[] = {
                { "web", "web", "_77eb" },    { "web", "web", "_77_65_62" },
                { "a.b", "a_2eb", "a_2Eb" },  { "a_", "a_5f", "a_" },
                { "a_2", "a_5f2", "a_2" },    { "9lives", "_39lives", "9lives" },
                { "_cpu", "_5fcpu", "_cpu" },
        };
        g_autofree char *object = NULL;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        object = client_object(slice->path);

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *known = g_strconcat(object, "/", cases[i].label, NULL);
                g_autofree char *alias = g_strconcat(object, "/", cases[i].alias, NULL);
                g_autofree char *group = slice_group(slice, cases[i].name);

                check_known(stage, known, group);
                check_unknown(stage, alias);
                group_remove(group);
        }

        slice_free(slice);
}

static void test_absent(Stage *stage, const void *data) {
        static const char *const paths[] = {
                MYMEM_UNIT_PATH "/mymem_2dno_2dsuch_2eslice",
                MYMEM_UNIT_PATH "/mymem_2dno_2dsuch_2eslice/a",
                MYMEM_UNIT_PATH "/memory_2elimit_5fin_5fbytes", /* a file */
                MYMEM_UNIT_PATH "/cgroup_2eprocs",
                MYMEM_SELF_PATH "/x",
                MYMEM_SELF_PATH "/x/y",
                MYMEM_SELF_PATH "/self",
                "/org/mymem1/units",
                "/org/mymem1/uni",
                "/org/mymem2",
        };

        (void) data;
        /* The first call is a cold caller's: below self nobody needs to know who it is. */
        check_unknown(stage, MYMEM_SELF_PATH "/x");
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
                check_unknown(stage, paths[i]);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/object/dangerous-labels", test_dangerous_labels);
        stage_add("/object/aliases", test_aliases);
        stage_add("/object/absent", test_absent);

        return stage_run();
}
