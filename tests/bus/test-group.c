/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Control groups with names that are hard to tell, and such that go away. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "names.h"
#include "properties.h"
#include "scene.h"
#include "stage.h"

static void check_known(Stage *stage, const char *path, const char *control_group) {
        g_autoptr(GHashTable) properties = NULL;

        g_test_message("the object %s", path);
        g_assert_cmpstr(properties_read(stage->client, &properties, path), ==, NULL);
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, control_group);
}

/* Names that are no text, or hard to print, or look like what the kernel appends to a removed group. */
static void test_odd_names(Stage *stage, const void *data) {
        static const struct {
                const char *name;
                const char *shown;
        } cases[] = {
                { "\377", "\\xff" },         { "\303\274ber", "\303\274ber" }, { "\303", "\\xc3" },
                { "\033[31m", "\\x1b[31m" }, { "x (deleted)", "x (deleted)" }, { "a:b c", "a:b c" },
        };
        sd_bus_message *reply = NULL;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *group = slice_group(slice, cases[i].name), *object = client_object(group);
                g_autofree char *shown = g_strconcat(slice->path, "/", cases[i].shown, NULL);
                g_autofree char *unit_name = g_strconcat(cases[i].name, ".service", NULL);
                g_autoptr(GHashTable) properties = NULL;

                g_free(slice_group(slice, unit_name));
                check_known(stage, object, shown);
                g_assert_cmpstr(properties_read(stage->client, &properties, object), ==, NULL);
                g_assert_cmpstr(properties_text(properties, "LimitBy"), ==, "/");
                g_assert_cmpstr(
                        client_call(stage->client, NULL, object, MYMEM_UNIT_INTERFACE, "GetChain", NULL),
                        ==,
                        NULL);
        }

        /* One such name must not take the whole list away. */
        g_assert_cmpstr(client_call(stage->client,
                                    &reply,
                                    MYMEM_MANAGER_PATH,
                                    MYMEM_MANAGER_INTERFACE,
                                    "ListUnits",
                                    NULL),
                        ==,
                        NULL);
        sd_bus_message_unref(reply);
        slice_free(slice);
}

/* The caller itself runs in such a group. */
static void test_odd_caller(Stage *stage, const void *data) {
        g_autoptr(GHashTable) properties = NULL;
        g_autofree char *group = NULL, *object = NULL, *shown = NULL;
        const char *unit, *path;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        group = slice_group(slice, "\377: (deleted)");
        object = client_object(group);
        shown = g_strconcat(slice->path, "/\\xff: (deleted)", NULL);
        group_write(group, "memory.limit_in_bytes", 64 * MIB);
        group_enter_memory(group);

        g_assert_cmpstr(properties_read(stage->client, &properties, MYMEM_SELF_PATH), ==, NULL);
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, shown);
        g_assert_cmpstr(properties_text(properties, "LimitBy"), ==, shown);
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, 64 * MIB);
        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(path, ==, object);

        slice_free(slice);
}

/* What is gone is named as such, by one error or the other. */
#define check_gone(call, other)                                                 \
        G_STMT_START {                                                          \
                const char *_error = (call);                                    \
                                                                                \
                if (g_strcmp0(_error, other) != 0)                              \
                        g_assert_cmpstr(_error, ==, MYMEM_ERROR_UNIT_VANISHED); \
        }                                                                       \
        G_STMT_END

/* A group that goes away between two calls; its object goes with it, and comes again with a new group. */
static void test_removed(Stage *stage, const void *data) {
        g_autofree char *group = NULL, *name = NULL;
        const char *unit, *path;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        name = slice_name(slice, "%-brief.service");
        group = slice_group(slice, "%-brief.service");
        group_write(group, "memory.limit_in_bytes", 64 * MIB);
        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnitByName", "s", name), ==, NULL);
        check_known(stage, path, group);

        group_remove(group);
        check_gone(client_get(stage->client, path, MYMEM_UNIT_INTERFACE, "Limit"),
                   SD_BUS_ERROR_UNKNOWN_OBJECT);
        /* The name may be remembered for a second, but not what it is the name of. */
        check_gone(client_figures(stage->client, &(Figures) { 0 }, "GetMemoryByUnit", "s", name),
                   MYMEM_ERROR_NO_SUCH_UNIT);
        check_gone(client_unit(stage->client, &unit, &path, "GetUnitByName", "s", name),
                   MYMEM_ERROR_NO_SUCH_UNIT);

        group_make(group);
        check_known(stage, path, group);
        slice_free(slice);
}

static void come_and_go(const char *group) {
        for (;;) {
                group_make(group);
                group_remove(group);
        }
}

/* A group that comes and goes while it is read: it is empty, so that any other figure is another's. */
static void test_unsteady(Stage *stage, const void *data) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        g_autofree char *group = NULL, *name = NULL, *object = NULL;
        unsigned n_there = 0, n_gone = 0;
        Scene scene;
        pid_t pid;

        (void) data;
        if (!scene_enter(&scene, 0))
                return;
        name = slice_name(scene.slice, "%-brief.service");
        group = g_strconcat(scene.slice->path, "/", name, NULL);
        object = client_object(group);
        pid = child_fork();
        if (pid == 0)
                come_and_go(group);

        while (n_there < 100 || n_gone < 100) {
                g_autoptr(GHashTable) properties = NULL;
                Figures figures = { 0 };
                const char *error;

                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                error = properties_read(stage->client, &properties, object);
                if (!error) {
                        n_there++;
                        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, group);
                        g_assert_cmpuint(properties_number(properties, "Usage"), <, SCENE_ANONYMOUS);
                } else {
                        n_gone++;
                        check_gone(error, SD_BUS_ERROR_UNKNOWN_OBJECT);
                }

                error = client_figures(stage->client, &figures, "GetMemoryByUnit", "s", name);
                if (error)
                        check_gone(error, MYMEM_ERROR_NO_SUCH_UNIT);
                g_assert_cmpuint(figures.usage, <, SCENE_ANONYMOUS);
        }

        child_kill(pid);
        scene_leave(&scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/group/odd-names", test_odd_names);
        stage_add("/group/odd-caller", test_odd_caller);
        stage_add("/group/removed", test_removed);
        stage_add("/group/unsteady", test_unsteady);

        return stage_run();
}
