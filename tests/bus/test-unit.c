/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.mymem1.Unit: every property, compared with what the test reads from the same files itself. */

#include <glib.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "names.h"
#include "properties.h"
#include "scene.h"
#include "stage.h"

#define SMALL_LIMIT (16 * MIB)
#define UNIT_WITH_SWAP (112 * MIB)

static const struct {
        const char *name;
        const char *type;
} contract[] = {
        { "Id", "s" },
        { "SystemUnit", "s" },
        { "Slice", "s" },
        { "ControlGroup", "s" },
        { "Max", "t" },
        { "High", "t" },
        { "Min", "t" },
        { "Low", "t" },
        { "SwapMax", "t" },
        { "OOMGroup", "b" },
        { "Limit", "t" },
        { "LimitBy", "s" },
        { "HighLimit", "t" },
        { "HighLimitBy", "s" },
        { "SwapLimit", "t" },
        { "SwapLimitBy", "s" },
        { "Available", "t" },
        { "AvailableBy", "s" },
        { "Usage", "t" },
        { "WorkingSet", "t" },
        { "Peak", "t" },
        { "SwapUsage", "t" },
        { "SwapPeak", "t" },
        { "ZSwapUsage", "t" },
        { "Anonymous", "t" },
        { "File", "t" },
        { "ActiveFile", "t" },
        { "InactiveFile", "t" },
        { "Shmem", "t" },
        { "Kernel", "t" },
        { "SlabReclaimable", "t" },
        { "PressureSome", "(dddt)" },
        { "PressureFull", "(dddt)" },
        { "EventsLow", "t" },
        { "EventsHigh", "t" },
        { "EventsMax", "t" },
        { "EventsOOM", "t" },
        { "EventsOOMKill", "t" },
};

static void check_contract(GHashTable *properties) {
        g_assert_cmpuint(g_hash_table_size(properties), ==, G_N_ELEMENTS(contract));
        for (size_t i = 0; i < G_N_ELEMENTS(contract); i++)
                g_assert_cmpstr(properties_get(properties, contract[i].name)->type, ==, contract[i].type);
}

static void check_unknown_pressure(const Property *pressure) {
        for (size_t i = 0; i < G_N_ELEMENTS(pressure->average); i++)
                g_assert_true(isnan(pressure->average[i]));
        g_assert_cmpuint(pressure->number, ==, UINT64_MAX);
}

static void test_names_and_limits(Stage *stage, const void *data) {
        g_autoptr(GHashTable) properties = NULL;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;

        g_assert_cmpstr(properties_read(stage->client, &properties, scene.object), ==, NULL);
        check_contract(properties);

        g_assert_cmpstr(properties_text(properties, "Id"), ==, scene.name);
        g_assert_cmpstr(properties_text(properties, "SystemUnit"), ==, scene.name);
        g_assert_cmpstr(properties_text(properties, "Slice"), ==, scene.slice->path + 1);
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, scene.group);

        g_assert_cmpuint(properties_number(properties, "Max"), ==, SCENE_UNIT_LIMIT);
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, SCENE_UNIT_LIMIT);
        g_assert_cmpstr(properties_text(properties, "LimitBy"), ==, scene.group);

        /* What v1 does not have. */
        g_assert_cmpuint(properties_number(properties, "High"), ==, UINT64_MAX);
        g_assert_cmpuint(properties_number(properties, "HighLimit"), ==, UINT64_MAX);
        g_assert_cmpstr(properties_text(properties, "HighLimitBy"), ==, "");
        g_assert_cmpuint(properties_number(properties, "Min"), ==, 0);
        g_assert_cmpuint(properties_number(properties, "Low"), ==, 0);
        g_assert_cmpuint(properties_number(properties, "OOMGroup"), ==, false);
        g_assert_cmpuint(properties_number(properties, "SwapPeak"), ==, UINT64_MAX);
        g_assert_cmpuint(properties_number(properties, "ZSwapUsage"), ==, UINT64_MAX);
        g_assert_cmpuint(properties_number(properties, "SlabReclaimable"), ==, UINT64_MAX);
        g_assert_cmpuint(properties_number(properties, "EventsLow"), ==, UINT64_MAX);
        g_assert_cmpuint(properties_number(properties, "EventsHigh"), ==, UINT64_MAX);
        g_assert_cmpuint(properties_number(properties, "EventsOOM"), ==, UINT64_MAX);
        check_unknown_pressure(properties_get(properties, "PressureSome"));
        check_unknown_pressure(properties_get(properties, "PressureFull"));

        scene_leave(&scene);
}

/* The slice binds, not the unit: what counts then is the slice's own use. */
static void test_bound_by_slice(Stage *stage, const void *data) {
        g_autoptr(GHashTable) properties = NULL;
        uint64_t available, before;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        group_write(scene.slice->path, "memory.limit_in_bytes", SCENE_UNIT_LIMIT / 2);

        before = SCENE_UNIT_LIMIT / 2 - group_working_set(scene.slice->path);
        g_assert_cmpstr(properties_read(stage->client, &properties, scene.object), ==, NULL);
        g_assert_cmpuint(properties_number(properties, "Max"), ==, SCENE_UNIT_LIMIT);
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, SCENE_UNIT_LIMIT / 2);
        g_assert_cmpstr(properties_text(properties, "LimitBy"), ==, scene.slice->path);
        available = properties_number(properties, "Available");
        figure_check(available, before, SCENE_UNIT_LIMIT / 2 - group_working_set(scene.slice->path));
        g_assert_cmpstr(properties_text(properties, "AvailableBy"), ==, scene.slice->path);

        scene_leave(&scene);
}

static void test_swap(Stage *stage, const void *data) {
        g_autoptr(GHashTable) properties = NULL;
        g_autofree char *memory = NULL, *file = NULL;
        uint64_t total = group_meminfo("SwapTotal"), limit = MIN(UNIT_WITH_SWAP - SCENE_UNIT_LIMIT, total);
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        memory = group_memory_directory(scene.group);
        file = g_build_filename(memory, "memory.memsw.limit_in_bytes", NULL);
        if (access(file, F_OK) < 0) {
                scene_leave(&scene);
                g_test_skip("this kernel does not account for swap");
                return;
        }
        group_write(scene.group, "memory.memsw.limit_in_bytes", UNIT_WITH_SWAP);

        g_assert_cmpstr(properties_read(stage->client, &properties, scene.object), ==, NULL);
        g_assert_cmpuint(properties_number(properties, "SwapMax"), ==, UNIT_WITH_SWAP - SCENE_UNIT_LIMIT);
        g_assert_cmpuint(properties_number(properties, "SwapLimit"), ==, limit);
        g_assert_cmpstr(properties_text(properties, "SwapLimitBy"), ==, limit == total ? "/" : scene.group);
        g_assert_cmpuint(properties_number(properties, "SwapUsage"),
                         ==,
                         group_keyed(scene.group, "memory.stat", "total_swap"));

        scene_leave(&scene);
}

/* Takes more than the group may have, until the kernel kills it. */
static void overdraw(const char *group) {
        g_autofree char *memory = NULL;

        group_enter(group);
        memory = g_malloc(4 * SMALL_LIMIT);
        explicit_bzero(memory, 4 * SMALL_LIMIT);
        _exit(EXIT_SUCCESS);
}

static void test_events(Stage *stage, const void *data) {
        g_autofree char *group = NULL, *object = NULL;
        g_autoptr(GHashTable) properties = NULL;
        Slice *slice;
        int status;
        pid_t pid;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        group = slice_group(slice, "%-greedy.service");
        object = client_object(group);
        group_write(group, "memory.limit_in_bytes", SMALL_LIMIT);

        pid = child_fork();
        if (pid == 0)
                overdraw(group);
        status = child_wait(pid, CHILD_PATIENCE_SEC);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGKILL);
        g_assert_cmpuint(group_keyed(group, "memory.oom_control", "oom_kill"), ==, 1);
        g_assert_cmpuint(group_number(group, "memory.failcnt"), >, 0);

        g_assert_cmpstr(properties_read(stage->client, &properties, object), ==, NULL);
        g_assert_cmpuint(properties_number(properties, "EventsOOMKill"), ==, 1);
        g_assert_cmpuint(
                properties_number(properties, "EventsMax"), ==, group_number(group, "memory.failcnt"));
        g_assert_cmpuint(
                properties_number(properties, "Peak"), ==, group_number(group, "memory.max_usage_in_bytes"));
        g_assert_cmpuint(properties_number(properties, "Peak"), >=, SMALL_LIMIT - FIGURE_SLACK);
        g_assert_cmpuint(properties_number(properties, "Usage"), <, SMALL_LIMIT / 2);

        slice_free(slice);
}

static void test_measures(Stage *stage, const void *data) {
        static const struct {
                const char *property;
                const char *key;
        } statistics[] = {
                { "Anonymous", "total_rss" },
                { "File", "total_cache" },
                { "Shmem", "total_shmem" },
                { "ActiveFile", "total_active_file" },
                { "InactiveFile", "total_inactive_file" },
        };
        uint64_t before[G_N_ELEMENTS(statistics)], usage, working_set;
        g_autoptr(GHashTable) properties = NULL;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;

        for (size_t i = 0; i < G_N_ELEMENTS(statistics); i++)
                before[i] = group_keyed(scene.group, "memory.stat", statistics[i].key);
        usage = group_number(scene.group, "memory.usage_in_bytes");
        working_set = group_working_set(scene.group);
        g_assert_cmpstr(properties_read(stage->client, &properties, scene.object), ==, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(statistics); i++) {
                g_test_message("the property %s", statistics[i].property);
                figure_check(properties_number(properties, statistics[i].property),
                             before[i],
                             group_keyed(scene.group, "memory.stat", statistics[i].key));
        }
        figure_check(properties_number(properties, "Usage"),
                     usage,
                     group_number(scene.group, "memory.usage_in_bytes"));
        figure_check(
                properties_number(properties, "WorkingSet"), working_set, group_working_set(scene.group));
        g_assert_cmpuint(properties_number(properties, "Anonymous"), >=, SCENE_ANONYMOUS - FIGURE_SLACK);
        g_assert_cmpuint(properties_number(properties, "Peak"),
                         ==,
                         group_number(scene.group, "memory.max_usage_in_bytes"));
        figure_check(properties_number(properties, "Kernel"),
                     group_number(scene.group, "memory.kmem.usage_in_bytes"),
                     group_number(scene.group, "memory.kmem.usage_in_bytes"));

        scene_leave(&scene);
}

static void test_self(Stage *stage, const void *data) {
        g_autoptr(GHashTable) properties = NULL;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;

        g_assert_cmpstr(properties_read(stage->client, &properties, MYMEM_SELF_PATH), ==, NULL);
        check_contract(properties);
        g_assert_cmpstr(properties_text(properties, "Id"), ==, scene.name);
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, scene.group);
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, SCENE_UNIT_LIMIT);

        scene_leave(&scene);
}

static void test_root(Stage *stage, const void *data) {
        g_autoptr(GHashTable) properties = NULL;
        uint64_t total = group_meminfo("MemTotal");

        (void) data;
        g_assert_cmpstr(properties_read(stage->client, &properties, MYMEM_UNIT_PATH), ==, NULL);
        check_contract(properties);
        g_assert_cmpstr(properties_text(properties, "Id"), ==, "");
        g_assert_cmpstr(properties_text(properties, "Slice"), ==, "");
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, "/");
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, total);
        g_assert_cmpstr(properties_text(properties, "LimitBy"), ==, "/");
        g_assert_cmpstr(properties_text(properties, "AvailableBy"), ==, "/");
        g_assert_cmpuint(properties_number(properties, "Usage"), <, total);
        g_assert_cmpuint(
                properties_number(properties, "WorkingSet"), ==, properties_number(properties, "Usage"));
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/unit/names-and-limits", test_names_and_limits);
        stage_add("/unit/bound-by-slice", test_bound_by_slice);
        stage_add("/unit/swap", test_swap);
        stage_add("/unit/measures", test_measures);
        stage_add("/unit/events", test_events);
        stage_add("/unit/self", test_self);
        stage_add("/unit/root", test_root);

        return stage_run();
}
