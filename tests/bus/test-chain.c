/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* org.mymem1.Unit: what is read in one go fits together, and what comes as a list is whole. */

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "level.h"
#include "names.h"
#include "properties.h"
#include "scene.h"
#include "stage.h"

/* Fills page cache in 'group' and gives it back, for ever. */
static void churn(const char *group) {
        static const char megabyte[MIB] = { 0 };

        group_enter(group);
        for (;;) {
                int fd;

                fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
                g_assert_cmpint(fd, >=, 0);
                for (unsigned i = 0; i < 8; i++)
                        g_assert_cmpint(write(fd, megabyte, MIB), ==, (ssize_t) MIB);
                close(fd);
        }
}

/* One GetAll is one snapshot, while the figures move as fast as they can. */
static void test_snapshot(Stage *stage, const void *data) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        unsigned changes = 0;
        uint64_t last = 0;
        Scene scene;
        pid_t busy;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;

        busy = child_fork();
        if (busy == 0)
                churn(scene.group);

        while (changes < 300) {
                g_autoptr(GHashTable) properties = NULL;
                uint64_t usage, inactive;

                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                g_assert_cmpstr(properties_read(stage->client, &properties, scene.object), ==, NULL);
                usage = properties_number(properties, "Usage");
                inactive = properties_number(properties, "InactiveFile");
                g_assert_cmpuint(properties_number(properties, "WorkingSet"),
                                 ==,
                                 usage > inactive ? usage - inactive : 0);
                changes += usage != last;
                last = usage;
        }

        child_kill(busy);
        scene_leave(&scene);
}

/* The chain of an object begins with its own group, and ends with the root. */
static void test_chain(Stage *stage, const void *data) {
        sd_bus_message *reply = NULL;
        Scene scene;
        Level level;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;

        g_assert_cmpstr(level_ask(stage->client, scene.object, &reply), ==, NULL);

        g_assert_true(level_next(reply, &level));
        g_assert_cmpstr(level.group, ==, scene.group);
        g_assert_cmpstr(level.unit, ==, scene.name);
        g_assert_cmpuint(level.max, ==, SCENE_UNIT_LIMIT);
        g_assert_cmpuint(level.high, ==, UINT64_MAX);
        figure_check(level.usage,
                     SCENE_ANONYMOUS + SCENE_CACHE,
                     group_number(scene.group, "memory.usage_in_bytes"));
        figure_check(level.working_set, SCENE_ANONYMOUS, group_working_set(scene.group));
        g_assert_cmpuint(level.available, ==, SCENE_UNIT_LIMIT - level.working_set);
        g_assert_cmpuint(level.swap, ==, group_keyed(scene.group, "memory.stat", "total_swap"));

        g_assert_true(level_next(reply, &level));
        g_assert_cmpstr(level.group, ==, scene.slice->path);
        g_assert_cmpstr(level.unit, ==, scene.slice->path + 1);
        g_assert_cmpuint(level.max, ==, SCENE_SLICE_LIMIT);
        figure_check(level.working_set, SCENE_ANONYMOUS, group_working_set(scene.slice->path));
        g_assert_cmpuint(level.available, ==, SCENE_SLICE_LIMIT - level.working_set);

        g_assert_true(level_next(reply, &level));
        g_assert_cmpstr(level.group, ==, "/");
        g_assert_cmpstr(level.unit, ==, "");
        g_assert_cmpuint(level.max, ==, UINT64_MAX);

        g_assert_false(level_next(reply, &level));
        sd_bus_message_unref(reply);
        scene_leave(&scene);
}

static void test_statistics(Stage *stage, const void *data) {
        sd_bus_message *reply = NULL;
        unsigned n = 0;
        uint64_t value;
        const char *key;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;

        g_assert_cmpstr(
                client_call(
                        stage->client, &reply, scene.object, MYMEM_UNIT_INTERFACE, "GetStatistics", NULL),
                ==,
                NULL);
        g_assert_cmpstr(sd_bus_message_get_signature(reply, true), ==, "a{st}");
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{st}"), >, 0);
        while (sd_bus_message_read(reply, "{st}", &key, &value) > 0) {
                n++;
                g_test_message("the line %s", key);
                figure_check(value, value, group_keyed(scene.group, "memory.stat", key));
                if (g_str_equal(key, "total_rss"))
                        figure_check(value, SCENE_ANONYMOUS, group_keyed(scene.group, "memory.stat", key));
        }
        g_assert_cmpuint(n, ==, group_lines(scene.group, "memory.stat"));

        sd_bus_message_unref(reply);
        scene_leave(&scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/chain/snapshot", test_snapshot);
        stage_add("/chain/chain", test_chain);
        stage_add("/chain/statistics", test_statistics);

        return stage_run();
}
