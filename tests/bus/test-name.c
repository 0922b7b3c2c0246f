/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names that clients give the Manager, most of which name nothing: of units, control groups, members. */

#include <glib.h>
#include <string.h>

#include "client.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

static void test_unit_names(Stage *stage, const void *data) {
        static const char *const names[] = {
                "",
                "/",
                "..",
                ".",
                "*",
                "?.service",
                "[a-z]*.service",
                "system.slice/x.service",
                "../x.service",
                "/system.slice",
                "x.service/",
                "no such.service",
                "mymem-no-such.service",
                "web",
                ".service",
                "-.service",
                "mymem\n.service",
                "\303\274ber.service",
                "x.service\\x00",
        };
        g_autofree char *filler = g_strnfill(300 - strlen(".service"), 'a');
        g_autofree char *lengthy = g_strconcat(filler, ".service", NULL);

        (void) data;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                const char *unit, *path;
                Figures figures;

                g_test_message("the unit name '%s'", names[i]);
                g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemoryByUnit", "s", names[i]),
                                ==,
                                MYMEM_ERROR_NO_SUCH_UNIT);
                g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnitByName", "s", names[i]),
                                ==,
                                MYMEM_ERROR_NO_SUCH_UNIT);
        }

        g_assert_cmpstr(client_figures(stage->client, &(Figures) { 0 }, "GetMemoryByUnit", "s", lengthy),
                        ==,
                        MYMEM_ERROR_NO_SUCH_UNIT);
}

/* Units that others than the system manager named bear names that prove nothing. */
static void test_foreign_units(Stage *stage, const void *data) {
        static const char *const managers[] = { "user@4711.service", "capsule@%.service", "%-box.service" };
        g_autofree char *name = NULL;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        name = slice_name(slice, "%-app.service");

        for (size_t i = 0; i < G_N_ELEMENTS(managers); i++) {
                g_autofree char *manager = NULL, *group = NULL, *object = NULL;
                const char *unit, *path;

                manager = slice_group(slice, managers[i]);
                group = g_strconcat(manager, "/", name, NULL);
                group_make(group);
                object = client_object(group);

                g_assert_cmpstr(
                        client_figures(stage->client, &(Figures) { 0 }, "GetMemoryByUnit", "s", name),
                        ==,
                        MYMEM_ERROR_NO_SUCH_UNIT);
                g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnitByName", "s", name),
                                ==,
                                MYMEM_ERROR_NO_SUCH_UNIT);

                /* By control group they can be named. */
                g_assert_cmpstr(
                        client_unit(stage->client, &unit, &path, "GetUnitByControlGroup", "s", group),
                        ==,
                        NULL);
                g_assert_cmpstr(unit, ==, name);
                g_assert_cmpstr(path, ==, object);
        }

        slice_free(slice);
}

static void test_control_groups(Stage *stage, const void *data) {
        static const char *const wrong[] = {
                "%",           "",        "/%/",     "//%",      "/%/.",
                "/%/..",       "/%/../%", "/%/none", "/%//none", "/%/memory.stat",
                "/memory.stat"
        };
        const char *unit, *path;
        Slice *slice;

        (void) data;

        g_assert_cmpstr(
                client_unit(stage->client, &unit, &path, "GetUnitByControlGroup", "s", "/"), ==, NULL);
        g_assert_cmpstr(unit, ==, "");
        g_assert_cmpstr(path, ==, MYMEM_UNIT_PATH);

        slice = slice_new();
        if (!slice)
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
                g_auto(GStrv) parts = g_strsplit(wrong[i], "%", -1);
                g_autofree char *group = g_strjoinv(slice->path + 1, parts);

                g_test_message("the control group '%s'", group);
                g_assert_cmpstr(
                        client_unit(stage->client, &unit, &path, "GetUnitByControlGroup", "s", group),
                        ==,
                        MYMEM_ERROR_NO_SUCH_UNIT);
        }
        slice_free(slice);
}

static void test_signatures(Stage *stage, const void *data) {
        static const struct {
                const char *member;
                const char *error;
        } cases[] = {
                { "GetMemory", SD_BUS_ERROR_INVALID_ARGS },
                { "GetAvailable", SD_BUS_ERROR_INVALID_ARGS },
                { "GetMemoryByPID", SD_BUS_ERROR_INVALID_ARGS },
                { "GetMemoryByPIDFD", SD_BUS_ERROR_INVALID_ARGS },
                { "GetMemoryByUnit", SD_BUS_ERROR_INVALID_ARGS },
                { "GetUnit", SD_BUS_ERROR_INVALID_ARGS },
                { "GetUnitByPID", SD_BUS_ERROR_INVALID_ARGS },
                { "GetUnitByPIDFD", SD_BUS_ERROR_INVALID_ARGS },
                { "GetUnitByName", SD_BUS_ERROR_INVALID_ARGS },
                { "GetUnitByControlGroup", SD_BUS_ERROR_INVALID_ARGS },
                { "ListUnits", SD_BUS_ERROR_INVALID_ARGS },
                { "NoSuchMember", SD_BUS_ERROR_UNKNOWN_METHOD },
                { "getmemory", SD_BUS_ERROR_UNKNOWN_METHOD },
        };

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                g_assert_cmpstr(client_call(stage->client,
                                            NULL,
                                            MYMEM_MANAGER_PATH,
                                            MYMEM_MANAGER_INTERFACE,
                                            cases[i].member,
                                            "(st)",
                                            "web.service",
                                            UINT64_C(1)),
                                ==,
                                cases[i].error);
}

static void test_names(Stage *stage, const void *data) {
        (void) data;

        g_assert_cmpstr(
                client_call(stage->client, NULL, MYMEM_MANAGER_PATH, "org.mymem1.None", "GetMemory", NULL),
                ==,
                SD_BUS_ERROR_UNKNOWN_METHOD);
        g_assert_cmpstr(
                client_call(
                        stage->client, NULL, "/org/mymem1/none", MYMEM_MANAGER_INTERFACE, "GetMemory", NULL),
                ==,
                SD_BUS_ERROR_UNKNOWN_OBJECT);
        g_assert_cmpstr(client_get(stage->client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "None"),
                        ==,
                        SD_BUS_ERROR_UNKNOWN_PROPERTY);
        g_assert_cmpstr(client_call(stage->client,
                                    NULL,
                                    MYMEM_MANAGER_PATH,
                                    "org.freedesktop.DBus.Properties",
                                    "Set",
                                    "ssv",
                                    MYMEM_MANAGER_INTERFACE,
                                    "Version",
                                    "s",
                                    "0"),
                        ==,
                        SD_BUS_ERROR_PROPERTY_READ_ONLY);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/name/units", test_unit_names);
        stage_add("/name/foreign-units", test_foreign_units);
        stage_add("/name/control-groups", test_control_groups);
        stage_add("/name/signatures", test_signatures);
        stage_add("/name/members", test_names);

        return stage_run();
}
