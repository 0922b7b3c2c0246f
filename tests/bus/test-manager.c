/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every member of org.mymem1.Manager with good arguments: what it answers is compared with what the test
 * reads from the same files itself. */

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "command.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "stage.h"

static void check_figures(
        const Scene *scene, Stage *stage, const char *member, const char *types, uint32_t pid) {
        uint64_t usage, working_set;
        int pidfd = child_pidfd((pid_t) pid);
        const char *error;
        Figures figures;

        usage = group_number(scene->group, "memory.usage_in_bytes");
        working_set = group_working_set(scene->group);
        if (g_str_equal(types, "s"))
                error = client_figures(stage->client, &figures, member, types, scene->name);
        else
                error = client_figures(
                        stage->client, &figures, member, types, *types == 'h' ? (uint32_t) pidfd : pid);
        g_assert_cmpstr(error, ==, NULL);

        g_assert_cmpuint(figures.limit, ==, SCENE_SLICE_LIMIT);
        figure_check(figures.usage, usage, group_number(scene->group, "memory.usage_in_bytes"));
        figure_check(figures.working_set, working_set, group_working_set(scene->group));
        close(pidfd);
}

static void test_figures(Stage *stage, const void *data) {
        uint32_t self = (uint32_t) getpid();
        Figures figures;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, 0))
                return;

        check_figures(&scene, stage, "GetMemory", "", self);
        check_figures(&scene, stage, "GetMemoryByPID", "u", self);
        check_figures(&scene, stage, "GetMemoryByPID", "u", (uint32_t) scene.tenant);
        check_figures(&scene, stage, "GetMemoryByPIDFD", "h", self);
        check_figures(&scene, stage, "GetMemoryByPIDFD", "h", (uint32_t) scene.tenant);
        check_figures(&scene, stage, "GetMemoryByUnit", "s", self);

        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemoryByPID", "u", 0), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, SCENE_SLICE_LIMIT);
        figure_check(figures.usage,
                     group_number(scene.group, "memory.usage_in_bytes"),
                     group_number(scene.group, "memory.usage_in_bytes"));

        scene_leave(&scene);
}

static void test_available(Stage *stage, const void *data) {
        sd_bus_message *reply = NULL;
        uint64_t available, before;
        const char *by;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, 0))
                return;

        before = group_working_set(scene.slice->path);
        g_assert_cmpstr(client_call(stage->client,
                                    &reply,
                                    MYMEM_MANAGER_PATH,
                                    MYMEM_MANAGER_INTERFACE,
                                    "GetAvailable",
                                    NULL),
                        ==,
                        NULL);
        g_assert_cmpstr(sd_bus_message_get_signature(reply, true), ==, "ts");
        g_assert_cmpint(sd_bus_message_read(reply, "ts", &available, &by), >, 0);

        /* The slice's limit less the slice's own working set. */
        g_assert_cmpstr(by, ==, scene.slice->path);
        figure_check(available,
                     SCENE_SLICE_LIMIT - before,
                     SCENE_SLICE_LIMIT - group_working_set(scene.slice->path));

        sd_bus_message_unref(reply);
        scene_leave(&scene);
}

static void test_unit(Stage *stage, const void *data) {
        const char *unit, *path;
        int pidfd;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, 0))
                return;
        pidfd = child_pidfd(scene.tenant);

#define check_unit(...)                                                                           \
        G_STMT_START {                                                                            \
                g_assert_cmpstr(client_unit(stage->client, &unit, &path, __VA_ARGS__), ==, NULL); \
                g_assert_cmpstr(unit, ==, scene.name);                                            \
                g_assert_cmpstr(path, ==, scene.object);                                          \
        }                                                                                         \
        G_STMT_END

        check_unit("GetUnit", NULL);
        check_unit("GetUnitByPID", "u", 0);
        check_unit("GetUnitByPID", "u", getpid());
        check_unit("GetUnitByPID", "u", scene.tenant);
        check_unit("GetUnitByPIDFD", "h", pidfd);
        check_unit("GetUnitByName", "s", scene.name);
        check_unit("GetUnitByControlGroup", "s", scene.group);

        close(pidfd);
        scene_leave(&scene);
}

/* A unit with Delegate=: the figures are its own, unless a group that it made below sets a smaller limit. */
static void test_delegation(Stage *stage, const void *data) {
        g_autofree char *unit_group = NULL, *plain = NULL, *limited = NULL, *name = NULL, *object = NULL;
        const char *unit, *path;
        Slice *slice;
        Figures figures;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        name = slice_name(slice, "%-pool.service");
        unit_group = slice_group(slice, "%-pool.service");
        plain = slice_group(slice, "%-pool.service/plain");
        limited = slice_group(slice, "%-pool.service/limited");
        group_write(unit_group, "memory.limit_in_bytes", SCENE_SLICE_LIMIT);
        group_write(limited, "memory.limit_in_bytes", SCENE_SLICE_LIMIT / 2);

        group_enter(plain);
        object = client_object(unit_group);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, SCENE_SLICE_LIMIT);
        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(unit, ==, name);
        g_assert_cmpstr(path, ==, object);

        group_enter(limited);
        g_free(object);
        object = client_object(limited);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, SCENE_SLICE_LIMIT / 2);
        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(unit, ==, name);
        g_assert_cmpstr(path, ==, object);

        slice_free(slice);
}

/* The line of the scene's unit. */
static void check_listed(const Scene *scene,
                         const char *unit,
                         uint64_t limit,
                         uint64_t usage,
                         uint64_t working_set,
                         uint64_t available) {
        uint64_t slice_working_set = group_working_set(scene->slice->path);

        g_assert_cmpstr(unit, ==, scene->name);
        g_assert_cmpuint(limit, ==, SCENE_SLICE_LIMIT);
        figure_check(
                usage, SCENE_ANONYMOUS + SCENE_CACHE, group_number(scene->group, "memory.usage_in_bytes"));
        figure_check(working_set, SCENE_ANONYMOUS, group_working_set(scene->group));
        figure_check(available, SCENE_SLICE_LIMIT - SCENE_ANONYMOUS, SCENE_SLICE_LIMIT - slice_working_set);
}

static void test_list(Stage *stage, const void *data) {
        g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_autofree char *slice_object = NULL, *worker = NULL, *worker_object = NULL;
        uint64_t limit, usage, working_set, available;
        sd_bus_message *reply = NULL;
        const char *unit, *path;
        bool found = false;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, 0))
                return;
        worker = slice_group(scene.slice, "%-web.service/worker");
        worker_object = client_object(worker);

        g_assert_cmpstr(client_call(stage->client,
                                    &reply,
                                    MYMEM_MANAGER_PATH,
                                    MYMEM_MANAGER_INTERFACE,
                                    "ListUnits",
                                    NULL),
                        ==,
                        NULL);
        g_assert_cmpstr(sd_bus_message_get_signature(reply, true), ==, "a(sotttt)");
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(sotttt)"), >, 0);
        while (sd_bus_message_read(
                       reply, "(sotttt)", &unit, &path, &limit, &usage, &working_set, &available) > 0) {
                g_assert_true(g_hash_table_add(paths, g_strdup(path)));
                g_assert_cmpstr(unit, !=, "");
                g_assert_cmpuint(limit, <=, group_meminfo("MemTotal"));
                if (g_str_equal(path, scene.object)) {
                        found = true;
                        check_listed(&scene, unit, limit, usage, working_set, available);
                }
        }

        g_assert_true(found);
        /* A slice is a unit, a group that a unit makes for itself is none. */
        slice_object = client_object(scene.slice->path);
        g_assert_true(g_hash_table_contains(paths, slice_object));
        g_assert_false(g_hash_table_contains(paths, worker_object));

        sd_bus_message_unref(reply);
        scene_leave(&scene);
}

static const char *expected_mode(void) {
        g_autofree char *text = NULL, *memory = group_memory_path(getpid());

        g_assert_true(g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL));
        if (!memory)
                return "unified";
        return strstr(text, " - cgroup2 ") ? "hybrid" : "legacy";
}

static void test_properties(Stage *stage, const void *data) {
        g_autofree char *version = NULL, *mode = NULL, *printed = NULL;
        uint64_t memory;
        int r;

        (void) data;

        r = sd_bus_get_property_trivial(stage->client,
                                        MYMEM_BUS_NAME,
                                        MYMEM_MANAGER_PATH,
                                        MYMEM_MANAGER_INTERFACE,
                                        "PhysicalMemory",
                                        NULL,
                                        't',
                                        &memory);
        g_assert_cmpint(r, >=, 0);
        g_assert_cmpuint(memory, ==, group_meminfo("MemTotal"));

        r = sd_bus_get_property_string(stage->client,
                                       MYMEM_BUS_NAME,
                                       MYMEM_MANAGER_PATH,
                                       MYMEM_MANAGER_INTERFACE,
                                       "ControlGroupMode",
                                       NULL,
                                       &mode);
        g_assert_cmpint(r, >=, 0);
        g_assert_cmpstr(mode, ==, expected_mode());

        r = sd_bus_get_property_string(stage->client,
                                       MYMEM_BUS_NAME,
                                       MYMEM_MANAGER_PATH,
                                       MYMEM_MANAGER_INTERFACE,
                                       "Version",
                                       NULL,
                                       &version);
        g_assert_cmpint(r, >=, 0);
        g_assert_cmpstr(version, !=, "");
        g_assert_cmpint(command_run(COMMAND(g_getenv("MYMEM_SERVICE"), "--version"), &printed, NULL), ==, 0);
        g_assert_nonnull(strstr(printed, version));
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/manager/figures", test_figures);
        stage_add("/manager/available", test_available);
        stage_add("/manager/unit", test_unit);
        stage_add("/manager/delegation", test_delegation);
        stage_add("/manager/list", test_list);
        stage_add("/manager/properties", test_properties);

        return stage_run();
}
