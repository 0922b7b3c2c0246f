/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is answered at the socket is answered as on the bus: member by member, figure by figure. */

#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"
#define PEER "org.freedesktop.DBus.Peer"

/* How far the figures of the whole machine, which are among them, may move from one answer to the next. */
#define SLACK (32 * MIB)

/* One value of two answers. Sizes move while they are asked for, unless they are UINT64_MAX; pressures do so
 * in parts. */
static void compare_value(sd_bus_message *one, sd_bus_message *other, char type) {
        union {
                uint64_t number;
                const char *text;
                double real;
                int integer;
        } a = { 0 }, b = { 0 };

        g_assert_cmpint(sd_bus_message_read_basic(one, type, &a), >, 0);
        g_assert_cmpint(sd_bus_message_read_basic(other, type, &b), >, 0);
        if (type == 's' || type == 'o')
                g_assert_cmpstr(a.text, ==, b.text);
        else if (type == 't')
                g_assert_cmpuint(MAX(a.number, b.number) - MIN(a.number, b.number), <, SLACK);
        else if (type == 'h') {
                struct stat first, second;

                g_assert_cmpint(fstat(a.integer, &first), ==, 0);
                g_assert_cmpint(fstat(b.integer, &second), ==, 0);
                g_assert_cmpuint(first.st_dev, ==, second.st_dev);
                g_assert_cmpuint(first.st_ino, ==, second.st_ino);
        } else if (type == 'b')
                g_assert_cmpint(a.integer, ==, b.integer);
        else
                g_assert_true(type == 'd');
}

/* Whatever two answers hold, in the same order. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than the signature. */
static void compare(sd_bus_message *one, sd_bus_message *other) {
        const char *contents, *other_contents;
        char type, other_type;

        while (sd_bus_message_peek_type(one, &type, &contents) > 0) {
                g_assert_cmpint(sd_bus_message_peek_type(other, &other_type, &other_contents), >, 0);
                g_assert_true(type == other_type);
                g_assert_cmpstr(contents, ==, other_contents);
                if (!contents) {
                        compare_value(one, other, type);
                        continue;
                }
                g_assert_cmpint(sd_bus_message_enter_container(one, type, contents), >, 0);
                g_assert_cmpint(sd_bus_message_enter_container(other, type, contents), >, 0);
                compare(one, other);
                g_assert_cmpint(sd_bus_message_exit_container(one), >=, 0);
                g_assert_cmpint(sd_bus_message_exit_container(other), >=, 0);
        }
        g_assert_cmpint(sd_bus_message_peek_type(other, NULL, NULL), ==, 0);
}

/* Makes one call on both, and compares the answers, which may be errors only if 'error' says so. */
#define check_same(stage, bus, error, ...)                                                    \
        G_STMT_START {                                                                        \
                sd_bus_message *_one = NULL, *_other = NULL;                                  \
                                                                                              \
                g_assert_cmpstr(client_call((stage)->client, &_one, __VA_ARGS__), ==, error); \
                g_assert_cmpstr(client_call(bus, &_other, __VA_ARGS__), ==, error);           \
                if (!(error)) {                                                               \
                        compare(_one, _other);                                                \
                        sd_bus_message_unref(_one);                                           \
                        sd_bus_message_unref(_other);                                         \
                }                                                                             \
        }                                                                                     \
        G_STMT_END

/* The unit's members on its own object, as it lists them itself: so that none is forgotten. */
static void check_all_properties(Socket *stage, sd_bus *bus) {
        sd_bus_message *reply = NULL;
        unsigned n = 0;
        const char *name;

        g_assert_cmpstr(
                client_call(bus, &reply, MYMEM_SELF_PATH, PROPERTIES, "GetAll", "s", MYMEM_UNIT_INTERFACE),
                ==,
                NULL);
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{sv}"), >, 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                g_assert_cmpint(sd_bus_message_read(reply, "s", &name), >, 0);
                g_test_message("the property %s", name);
                check_same(stage,
                           bus,
                           NULL,
                           MYMEM_SELF_PATH,
                           PROPERTIES,
                           "Get",
                           "ss",
                           MYMEM_UNIT_INTERFACE,
                           name);
                g_assert_cmpint(sd_bus_message_skip(reply, "v"), >, 0);
                g_assert_cmpint(sd_bus_message_exit_container(reply), >, 0);
                n++;
        }
        sd_bus_message_unref(reply);
        g_assert_cmpuint(n, >, 30);
}

static void check_all(Socket *stage, sd_bus *bus) {
        static const char *const own[] = { "GetMemory", "GetAvailable", "GetUnit", "OpenMemory" };

        for (size_t i = 0; i < G_N_ELEMENTS(own); i++) {
                g_test_message("%s", own[i]);
                check_same(stage, bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, own[i], NULL);
                check_same(stage,
                           bus,
                           SD_BUS_ERROR_INVALID_ARGS,
                           MYMEM_MANAGER_PATH,
                           MYMEM_MANAGER_INTERFACE,
                           own[i],
                           "u",
                           1);
        }
        check_same(stage, bus, NULL, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetChain", NULL);
        check_same(stage, bus, NULL, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetStatistics", NULL);
        check_same(stage, bus, NULL, MYMEM_SELF_PATH, PROPERTIES, "GetAll", "s", MYMEM_UNIT_INTERFACE);
        check_same(stage, bus, NULL, MYMEM_SELF_PATH, PROPERTIES, "GetAll", "s", "");
        check_same(stage, bus, NULL, MYMEM_SELF_PATH, INTROSPECTABLE, "Introspect", NULL);
        check_all_properties(stage, bus);

        /* What is wrong is wrong in the same way. */
        check_same(stage,
                   bus,
                   SD_BUS_ERROR_UNKNOWN_METHOD,
                   MYMEM_SELF_PATH,
                   MYMEM_UNIT_INTERFACE,
                   "GetMemory",
                   NULL);
        check_same(stage,
                   bus,
                   SD_BUS_ERROR_UNKNOWN_PROPERTY,
                   MYMEM_SELF_PATH,
                   PROPERTIES,
                   "Get",
                   "ss",
                   MYMEM_UNIT_INTERFACE,
                   "None");
        check_same(stage,
                   bus,
                   SD_BUS_ERROR_PROPERTY_READ_ONLY,
                   MYMEM_SELF_PATH,
                   PROPERTIES,
                   "Set",
                   "ssv",
                   MYMEM_UNIT_INTERFACE,
                   "Max",
                   "t",
                   UINT64_MAX);
}

/* In a unit that is limited, in a slice that is. */
static void test_unit(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        const char *unit, *path;
        Figures figures;
        Scene scene;

        (void) data;
        if (!scene_enter_caller(&scene, SCENE_UNIT_LIMIT))
                return;
        check_all(stage, bus);

        /* And it is the right answer. */
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, SCENE_UNIT_LIMIT);
        figure_check(figures.usage,
                     group_number(scene.group, "memory.usage_in_bytes"),
                     group_number(scene.group, "memory.usage_in_bytes"));
        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(unit, ==, scene.name);
        g_assert_cmpstr(path, ==, scene.object);
        scene_leave(&scene);
        sd_bus_flush_close_unref(bus);
}

/* In a group below the unit that has a limit of its own. */
static void test_delegated(Socket *stage, const void *data) {
        sd_bus *bus = client_open(stage->bus->address);
        g_autofree char *worker = NULL;
        Figures figures;
        Scene scene;

        (void) data;
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;
        worker = g_strconcat(scene.group, "/worker", NULL);
        group_make(worker);
        group_write(worker, "memory.limit_in_bytes", 48 * MIB);
        group_enter(worker);
        check_all(stage, bus);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, 48 * MIB);
        scene_leave(&scene);
        sd_bus_flush_close_unref(bus);
}

/* Ping is answered on any path, as by everybody who speaks D-Bus. */
static void test_ping(Socket *stage, const void *data) {
        static const char *const paths[] = {
                "/", "/org", MYMEM_MANAGER_PATH, MYMEM_SELF_PATH, MYMEM_UNIT_PATH, "/none"
        };
        sd_bus *bus = client_open(stage->bus->address);

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
                check_same(stage, bus, NULL, paths[i], PEER, "Ping", NULL);
        sd_bus_flush_close_unref(bus);
}

static char *introspect(sd_bus *bus, const char *path) {
        sd_bus_message *reply = NULL;
        const char *text;
        char *copy;

        g_assert_cmpstr(client_call(bus, &reply, path, INTROSPECTABLE, "Introspect", NULL), ==, NULL);
        g_assert_cmpint(sd_bus_message_read(reply, "s", &text), >, 0);
        copy = g_strdup(text);
        sd_bus_message_unref(reply);
        return copy;
}

/* It shows what is there, and nothing else: neither the objects of others nor what is said of them. */
static void test_introspect(Socket *stage, const void *data) {
        g_autofree char *root = introspect(stage->client, "/"), *org = introspect(stage->client, "/org"),
                        *manager = introspect(stage->client, MYMEM_MANAGER_PATH),
                        *self = introspect(stage->client, MYMEM_SELF_PATH);
        static const char *const others[] = { "ByPID",     "ByUnit",  "ByName",         "ByControlGroup",
                                              "ListUnits", "Version", "PhysicalMemory", "node name=\"unit" };

        (void) data;
        g_assert_nonnull(strstr(root, "<node name=\"org"));
        g_assert_nonnull(strstr(org, "<node name=\"mymem1"));
        g_assert_nonnull(strstr(manager, "<node name=\"self\"/>"));
        g_assert_nonnull(strstr(manager, "<method name=\"GetMemory\">"));
        g_assert_nonnull(strstr(manager, "<method name=\"OpenMemory\">"));
        g_assert_nonnull(strstr(self, "<property name=\"Limit\""));
        g_assert_null(strstr(self, "<node name="));
        for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
                g_assert_null(strstr(root, others[i]));
                g_assert_null(strstr(org, others[i]));
                g_assert_null(strstr(manager, others[i]));
        }
}

/* Who knows that there is no bus does without Hello; who does not says it as often as they like. */
static void test_hello(Socket *stage, const void *data) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        sd_bus *direct = NULL;
        const char *name;

        (void) data;
        g_assert_cmpint(sd_bus_new(&direct), >=, 0);
        g_assert_cmpint(sd_bus_set_address(direct, stage->address), >=, 0);
        g_assert_cmpint(sd_bus_start(direct), >=, 0);
        g_assert_cmpstr(client_ping(direct), ==, NULL);
        for (unsigned i = 0; i < 3; i++) {
                g_assert_cmpint(sd_bus_call_method(direct,
                                                   "org.freedesktop.DBus",
                                                   "/org/freedesktop/DBus",
                                                   "org.freedesktop.DBus",
                                                   "Hello",
                                                   &error,
                                                   &reply,
                                                   NULL),
                                >=,
                                0);
                g_assert_cmpint(sd_bus_message_read(reply, "s", &name), >, 0);
                g_assert_true(g_str_has_prefix(name, ":"));
                reply = sd_bus_message_unref(reply);
        }
        sd_bus_flush_close_unref(direct);

        /* Each time there is one answer. */
        int fd = stranger_open(stage->address);

        for (uint32_t serial = 1; serial <= 3; serial++) {
                g_autoptr(GByteArray) answer = NULL;
                bool is_error;

                g_assert_true(stranger_call(fd,
                                            &(WireCall) { .serial = serial,
                                                          .path = "/org/freedesktop/DBus",
                                                          .interface = "org.freedesktop.DBus",
                                                          .member = "Hello" }));
                answer = stranger_read(fd);
                g_assert_nonnull(answer);
                g_assert_cmpuint(wire_reply_serial(answer, &is_error), ==, serial);
                g_assert_false(is_error);
        }
        close(fd);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/socket/unit", test_unit);
        socket_add_with_bus("/socket/delegated", test_delegated);
        socket_add_with_bus("/socket/ping", test_ping);
        socket_add_with_bus("/socket/introspect", test_introspect);
        socket_add_with_bus("/socket/hello", test_hello);

        return stage_run();
}
