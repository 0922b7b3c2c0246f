/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "asks.h"

#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "level.h"
#include "names.h"
#include "properties.h"

static uint64_t less(uint64_t a, uint64_t b) {
        return a > b ? a - b : 0;
}

static uint64_t read_available(const Scene *scene) {
        uint64_t unit = less(SCENE_UNIT_LIMIT, group_working_set(scene->group)),
                 slice = less(SCENE_SLICE_LIMIT, group_working_set(scene->slice->path));

        return MIN(MIN(unit, slice), group_meminfo("MemAvailable"));
}

static void check_usage(const Scene *scene, uint64_t usage, uint64_t working_set) {
        uint64_t usage_now = group_number(scene->group, "memory.usage_in_bytes"),
                 working_set_now = group_working_set(scene->group);

        figure_check(usage, usage_now, usage_now);
        figure_check(working_set, working_set_now, working_set_now);
        g_assert_cmpuint(working_set, <=, usage);
}

static const char *check_figures(const Scene *scene, const char *error, const Figures *figures) {
        if (error)
                return error;

        g_assert_cmpuint(figures->limit, ==, SCENE_UNIT_LIMIT);
        check_usage(scene, figures->usage, figures->working_set);
        return NULL;
}

static const char *check_unit(const Scene *scene, const char *error, const char *unit, const char *path) {
        if (error)
                return error;

        g_assert_cmpstr(unit, ==, scene->name);
        g_assert_cmpstr(path, ==, scene->object);
        return NULL;
}

static const char *ask_memory(const Scene *scene, sd_bus *client) {
        Figures figures;
        const char *error = client_figures(client, &figures, "GetMemory", NULL);

        return check_figures(scene, error, &figures);
}

static const char *ask_memory_by_pid(const Scene *scene, sd_bus *client) {
        Figures figures;
        const char *error = client_figures(client, &figures, "GetMemoryByPID", "u", scene->tenant);

        return check_figures(scene, error, &figures);
}

static const char *ask_memory_by_pidfd(const Scene *scene, sd_bus *client) {
        int fd = child_pidfd(scene->tenant);
        Figures figures;
        const char *error = client_figures(client, &figures, "GetMemoryByPIDFD", "h", fd);

        close(fd);
        return check_figures(scene, error, &figures);
}

static const char *ask_memory_by_unit(const Scene *scene, sd_bus *client) {
        Figures figures;
        const char *error = client_figures(client, &figures, "GetMemoryByUnit", "s", scene->name);

        return check_figures(scene, error, &figures);
}

/* That there is none is said only after a walk over all groups that began after the call. */
static const char *ask_missing(const Scene *scene, sd_bus *client) {
        const char *unit, *path,
                *error = client_unit(client, &unit, &path, "GetUnitByName", "s", "mymem-missing.service");

        (void) scene;

        g_assert_nonnull(error);
        return g_str_equal(error, MYMEM_ERROR_NO_SUCH_UNIT) ? NULL : error;
}

static const char *ask_unit(const Scene *scene, sd_bus *client) {
        const char *unit, *path, *error = client_unit(client, &unit, &path, "GetUnit", NULL);

        return check_unit(scene, error, unit, path);
}

static const char *ask_unit_by_pid(const Scene *scene, sd_bus *client) {
        const char *unit, *path,
                *error = client_unit(client, &unit, &path, "GetUnitByPID", "u", scene->tenant);

        return check_unit(scene, error, unit, path);
}

static const char *ask_unit_by_name(const Scene *scene, sd_bus *client) {
        const char *unit, *path,
                *error = client_unit(client, &unit, &path, "GetUnitByName", "s", scene->name);

        return check_unit(scene, error, unit, path);
}

static const char *ask_unit_by_control_group(const Scene *scene, sd_bus *client) {
        const char *unit, *path,
                *error = client_unit(client, &unit, &path, "GetUnitByControlGroup", "s", scene->group);

        return check_unit(scene, error, unit, path);
}

static const char *ask_available(const Scene *scene, sd_bus *client) {
        uint64_t available, now;
        sd_bus_message *reply = NULL;
        const char *by, *error;

        error = client_call(
                client, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetAvailable", NULL);
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_read(reply, "ts", &available, &by), >, 0);
        now = read_available(scene);
        figure_check(available, now, now);
        g_assert_true(g_str_equal(by, scene->group) || g_str_equal(by, scene->slice->path) ||
                      g_str_equal(by, "/"));
        sd_bus_message_unref(reply);
        return NULL;
}

static void check_opened(const char *group, const char *file, int fd) {
        g_autofree char *directory = group_memory_directory(group),
                        *path = g_build_filename(directory, file, NULL);
        struct stat status, wanted;

        g_assert_cmpint(stat(path, &wanted), ==, 0);
        g_assert_cmpint(fstat(fd, &status), ==, 0);
        g_assert_cmpuint(status.st_ino, ==, wanted.st_ino);
}

static const char *ask_open(const Scene *scene, sd_bus *client) {
        const char *const groups[] = { scene->group, scene->slice->path };
        const uint64_t limits[] = { SCENE_UNIT_LIMIT, SCENE_SLICE_LIMIT };
        sd_bus_message *reply = NULL;
        const char *path, *error;

        error = client_call(client, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory", NULL);
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_read(reply, "s", &path), >, 0);
        g_assert_cmpstr(path, ==, scene->group);
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(stthh)"), >, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
                uint64_t max, high;
                int usage_fd, statistics_fd;

                g_assert_cmpint(
                        sd_bus_message_read(reply, "(stthh)", &path, &max, &high, &usage_fd, &statistics_fd),
                        >,
                        0);
                g_assert_cmpstr(path, ==, groups[i]);
                g_assert_cmpuint(max, ==, limits[i]);
                check_opened(groups[i], "memory.usage_in_bytes", usage_fd);
                check_opened(groups[i], "memory.stat", statistics_fd);
        }
        g_assert_cmpint(sd_bus_message_at_end(reply, false), >, 0);
        sd_bus_message_unref(reply);
        return NULL;
}

static const char *check_properties(const Scene *scene, sd_bus *client, const char *path) {
        g_autoptr(GHashTable) properties = NULL;
        uint64_t n_hits = group_number(scene->group, "memory.failcnt"), now;
        const char *error = properties_read(client, &properties, path);

        if (error)
                return error;

        g_assert_cmpstr(properties_text(properties, "Id"), ==, scene->name);
        g_assert_cmpstr(properties_text(properties, "ControlGroup"), ==, scene->group);
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, SCENE_UNIT_LIMIT);
        g_assert_cmpuint(properties_number(properties, "Max"), ==, SCENE_UNIT_LIMIT);
        g_assert_cmpuint(properties_number(properties, "High"), ==, UINT64_MAX);
        g_assert_cmpstr(properties_text(properties, "LimitBy"), ==, scene->group);
        check_usage(
                scene, properties_number(properties, "Usage"), properties_number(properties, "WorkingSet"));
        now = read_available(scene);
        figure_check(properties_number(properties, "Available"), now, now);
        now = group_keyed(scene->group, "memory.stat", "total_inactive_file");
        figure_check(properties_number(properties, "InactiveFile"), now, now);
        now = group_keyed(scene->group, "memory.stat", "total_rss");
        figure_check(properties_number(properties, "Anonymous"), now, now);
        /* We are in the group ourselves, and a long log of ours may fill it. */
        g_assert_cmpuint(properties_number(properties, "EventsMax"), >=, n_hits);
        g_assert_cmpuint(properties_number(properties, "EventsMax"),
                         <=,
                         group_number(scene->group, "memory.failcnt"));
        return NULL;
}

static const char *ask_self(const Scene *scene, sd_bus *client) {
        return check_properties(scene, client, MYMEM_SELF_PATH);
}

static const char *ask_object(const Scene *scene, sd_bus *client) {
        return check_properties(scene, client, scene->object);
}

static const char *ask_chain(const Scene *scene, sd_bus *client) {
        const char *const groups[] = { scene->group, scene->slice->path, "/" };
        sd_bus_message *reply = NULL;
        const char *error;
        Level level;

        error = level_ask(client, MYMEM_SELF_PATH, &reply);
        if (error)
                return error;

        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
                g_assert_true(level_next(reply, &level));
                g_assert_cmpstr(level.group, ==, groups[i]);
                if (i == 0)
                        check_usage(scene, level.usage, level.working_set);
        }
        g_assert_false(level_next(reply, &level));
        sd_bus_message_unref(reply);
        return NULL;
}

static const char *ask_statistics(const Scene *scene, sd_bus *client) {
        sd_bus_message *reply = NULL;
        const char *error;
        unsigned n = 0;
        int r;

        error = client_call(client, &reply, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetStatistics", NULL);
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{st}"), >, 0);
        while ((r = sd_bus_message_skip(reply, "{st}")) > 0)
                n++;
        g_assert_cmpuint(n, ==, group_lines(scene->group, "memory.stat"));
        sd_bus_message_unref(reply);
        return NULL;
}

static const char *ask_units(const Scene *scene, sd_bus *client) {
        uint64_t limit, usage, working_set, available;
        sd_bus_message *reply = NULL;
        const char *unit, *path, *error;
        bool found = false;

        error = client_call(client, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL);
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(sotttt)"), >, 0);
        while (sd_bus_message_read(
                       reply, "(sotttt)", &unit, &path, &limit, &usage, &working_set, &available) > 0)
                if (g_str_equal(unit, scene->name)) {
                        found = true;
                        g_assert_cmpuint(limit, ==, SCENE_UNIT_LIMIT);
                        check_usage(scene, usage, working_set);
                }
        g_assert_true(found);
        sd_bus_message_unref(reply);
        return NULL;
}

static const char *check_introspection(sd_bus *client, const char *path, const char *wanted) {
        sd_bus_message *reply = NULL;
        const char *text, *error;

        error = client_call(client, &reply, path, "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_read(reply, "s", &text), >, 0);
        g_assert_nonnull(strstr(text, wanted));
        sd_bus_message_unref(reply);
        return NULL;
}

static const char *ask_introspection(const Scene *scene, sd_bus *client) {
        (void) scene;

        return check_introspection(client, MYMEM_MANAGER_PATH, "\"GetMemory\"");
}

/* The slice's child is found by reading its directory. */
static const char *ask_children(const Scene *scene, sd_bus *client) {
        g_autofree char *path = client_object(scene->slice->path),
                        *child = g_path_get_basename(scene->object);

        return check_introspection(client, path, child);
}

static const char *ask_physical(const Scene *scene, sd_bus *client) {
        sd_bus_message *reply = NULL;
        const char *error;
        uint64_t physical;

        (void) scene;

        error = client_call(client,
                            &reply,
                            MYMEM_MANAGER_PATH,
                            "org.freedesktop.DBus.Properties",
                            "Get",
                            "ss",
                            MYMEM_MANAGER_INTERFACE,
                            "PhysicalMemory");
        if (error)
                return error;

        g_assert_cmpint(sd_bus_message_read(reply, "v", "t", &physical), >, 0);
        g_assert_cmpuint(physical, ==, group_meminfo("MemTotal"));
        sd_bus_message_unref(reply);
        return NULL;
}

static const char *ask_ping(const Scene *scene, sd_bus *client) {
        (void) scene;

        return client_ping(client);
}

const Ask asks[] = {
        { "GetMemory", ask_memory, .is_own = true },
        { "GetAvailable", ask_available, .is_own = true },
        { "GetUnit", ask_unit },
        { "OpenMemory", ask_open, .is_own = true },
        { "self", ask_self, .is_own = true },
        { "GetChain", ask_chain, .is_own = true },
        { "GetStatistics", ask_statistics, .is_own = true },
        { "Introspect", ask_introspection, .is_own = true },
        { "Ping", ask_ping, .is_own = true },
        { "GetMemoryByPID", ask_memory_by_pid },
        { "GetMemoryByPIDFD", ask_memory_by_pidfd },
        { "GetUnitByPID", ask_unit_by_pid },
        { "GetUnitByControlGroup", ask_unit_by_control_group },
        { "object", ask_object },
        { "children", ask_children },
        { "PhysicalMemory", ask_physical },
        { "missing", ask_missing },
        { "GetMemoryByUnit", ask_memory_by_unit },
        { "GetUnitByName", ask_unit_by_name },
        { "ListUnits", ask_units, .is_kept = true },
};

const size_t n_asks = G_N_ELEMENTS(asks);
