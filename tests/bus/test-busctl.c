/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service as people meet it first: through busctl, whose system bus is the stage's. */

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "command.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "slice.h"
#include "stage.h"

#define UNIT_LIMIT (64 * MIB)

/* The arguments of a call to the Manager. */
#define MANAGER_CALL(...) \
        COMMAND("busctl", "call", MYMEM_BUS_NAME, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, __VA_ARGS__)

/* A member that answers with figures: the limit at least is certain. */
static void check_figures(const char *const *arguments) {
        g_autofree char *text = command_output(arguments);
        g_auto(GStrv) words = g_strsplit(text, " ", -1);

        g_assert_cmpuint(g_strv_length(words), ==, 4);
        g_assert_cmpstr(words[0], ==, "ttt");
        g_assert_cmpuint(g_ascii_strtoull(words[1], NULL, 10), ==, UNIT_LIMIT);
}

static void check_output(const char *const *arguments, const char *wanted) {
        g_autofree char *text = command_output(arguments);

        g_assert_cmpstr(text, ==, wanted);
}

/* Each member that busctl can call: it cannot pass descriptors. It is the caller, and in our own group. */
static void test_call(Stage *stage, const void *data) {
        g_autofree char *unit = NULL, *pid = NULL, *text = NULL;
        Scene scene;

        (void) stage;
        (void) data;
        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        unit = g_strdup_printf("so \"%s\" \"%s\"\n", scene.name, scene.object);
        pid = g_strdup_printf("%d", getpid());
        group_enter(scene.group);

        check_figures(MANAGER_CALL("GetMemory"));
        check_figures(MANAGER_CALL("GetMemoryByPID", "u", "0"));
        check_figures(MANAGER_CALL("GetMemoryByPID", "u", pid));
        check_figures(MANAGER_CALL("GetMemoryByUnit", "s", scene.name));
        check_output(MANAGER_CALL("GetUnit"), unit);
        check_output(MANAGER_CALL("GetUnitByPID", "u", "0"), unit);
        check_output(MANAGER_CALL("GetUnitByPID", "u", pid), unit);
        check_output(MANAGER_CALL("GetUnitByName", "s", scene.name), unit);
        check_output(MANAGER_CALL("GetUnitByControlGroup", "s", scene.group), unit);

        text = command_output(MANAGER_CALL("GetAvailable"));
        g_assert_true(g_str_has_prefix(text, "ts "));
        g_assert_nonnull(strstr(text, scene.group));
        g_free(text);

        text = command_output(MANAGER_CALL("ListUnits"));
        g_assert_true(g_str_has_prefix(text, "a(sotttt) "));
        g_assert_nonnull(strstr(text, scene.object));

        scene_leave(&scene);
}

static void test_get_property(Stage *stage, const void *data) {
        g_autofree char *text = NULL, *mode = NULL, *memory = NULL, *self = NULL;

        (void) stage;
        (void) data;

        memory = g_strdup_printf("t %" G_GUINT64_FORMAT "\n", group_meminfo("MemTotal"));
        text = command_output(COMMAND("busctl",
                                      "get-property",
                                      MYMEM_BUS_NAME,
                                      MYMEM_MANAGER_PATH,
                                      MYMEM_MANAGER_INTERFACE,
                                      "PhysicalMemory"));
        g_assert_cmpstr(text, ==, memory);

        mode = command_output(COMMAND("busctl",
                                      "get-property",
                                      MYMEM_BUS_NAME,
                                      MYMEM_MANAGER_PATH,
                                      MYMEM_MANAGER_INTERFACE,
                                      "ControlGroupMode"));
        g_assert_true(g_str_equal(mode, "s \"unified\"\n") || g_str_equal(mode, "s \"hybrid\"\n") ||
                      g_str_equal(mode, "s \"legacy\"\n"));

        self = command_output(COMMAND("busctl",
                                      "get-property",
                                      MYMEM_BUS_NAME,
                                      MYMEM_SELF_PATH,
                                      MYMEM_UNIT_INTERFACE,
                                      "Limit",
                                      "LimitBy"));
        g_assert_true(g_str_has_prefix(self, "t "));
        g_assert_nonnull(strstr(self, "\ns \"/"));
}

static void test_introspect(Stage *stage, const void *data) {
        static const char *const manager[] = {
                "GetMemory", "GetAvailable", "GetMemoryByPID",   "GetMemoryByPIDFD", "GetMemoryByUnit",
                "GetUnit",   "GetUnitByPID", "GetUnitByPIDFD",   "GetUnitByName",    "GetUnitByControlGroup",
                "ListUnits", "Version",      "ControlGroupMode", "PhysicalMemory",
        };
        static const char *const unit[] = { "GetChain",     "GetStatistics", "Id",
                                            "ControlGroup", "Limit",         "Available" };
        g_autofree char *manager_text = NULL, *self_text = NULL, *root_text = NULL;

        (void) stage;
        (void) data;

        manager_text = command_output(COMMAND("busctl", "introspect", MYMEM_BUS_NAME, MYMEM_MANAGER_PATH));
        for (size_t i = 0; i < G_N_ELEMENTS(manager); i++) {
                g_autofree char *member = g_strconcat("\n.", manager[i], " ", NULL);

                g_assert_nonnull(strstr(manager_text, member));
        }

        self_text = command_output(COMMAND("busctl", "introspect", MYMEM_BUS_NAME, MYMEM_SELF_PATH));
        root_text = command_output(COMMAND("busctl", "introspect", MYMEM_BUS_NAME, MYMEM_UNIT_PATH));
        for (size_t i = 0; i < G_N_ELEMENTS(unit); i++) {
                g_autofree char *member = g_strconcat("\n.", unit[i], " ", NULL);

                g_assert_nonnull(strstr(self_text, member));
                g_assert_nonnull(strstr(root_text, member));
        }
}

/* The machine's slices, drawn: each group once, below the one it is in, and nothing below oneself. */
static void test_tree(Stage *stage, const void *data) {
        static const char *const groups[] = {
                "%-web.service", "%-web.service/worker", "%-db.service", "a_ b\\", "\377"
        };
        g_autofree char *text = NULL, *slice_object = NULL;
        char *objects[G_N_ELEMENTS(groups)];
        Slice *slice;

        (void) stage;
        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
                g_autofree char *group = slice_group(slice, groups[i]);

                objects[i] = client_object(group);
        }
        slice_object = client_object(slice->path);

        /* Its exit status says whether a group went away while it walked, and others make and remove groups
         * too. */
        (void) command_run(COMMAND("busctl", "tree", "--list", MYMEM_BUS_NAME), &text, NULL);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        g_assert_true(g_strv_contains((const char *const *) lines, MYMEM_MANAGER_PATH));
        g_assert_true(g_strv_contains((const char *const *) lines, MYMEM_SELF_PATH));
        g_assert_true(g_strv_contains((const char *const *) lines, MYMEM_UNIT_PATH));
        g_assert_true(g_strv_contains((const char *const *) lines, slice_object));
        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
                g_test_message("the object %s", objects[i]);
                g_assert_true(g_strv_contains((const char *const *) lines, objects[i]));
        }
        g_assert_null(strstr(text, MYMEM_SELF_PATH "/"));

        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
                g_free(objects[i]);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/busctl/call", test_call);
        stage_add("/busctl/get-property", test_get_property);
        stage_add("/busctl/introspect", test_introspect);
        stage_add("/busctl/tree", test_tree);

        return stage_run();
}
