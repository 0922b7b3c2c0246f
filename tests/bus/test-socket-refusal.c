/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the socket does not tell: everything that is not about the peer itself, whoever asks. The members are
 * those that the service has on the bus, so that a new one is looked at as well. */

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "names.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"
#define PEER "org.freedesktop.DBus.Peer"
#define DRIVER "org.freedesktop.DBus"

static const char *const allowed[] = { "GetMemory", "GetAvailable", "GetUnit", "OpenMemory", NULL };

#define check_refused(client, ...) \
        g_assert_cmpstr(client_call(client, NULL, __VA_ARGS__), ==, SD_BUS_ERROR_ACCESS_DENIED)

/* The names that stand in a text between 'start' and a quotation mark. */
static GPtrArray *find_names(const char *text, const char *start) {
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

        while ((text = strstr(text, start))) {
                text += strlen(start);
                g_ptr_array_add(names, g_strndup(text, strcspn(text, "\"")));
        }
        return names;
}

/* What the Manager has on the bus, in XML. */
static char *introspect_manager(const char *address) {
        sd_bus *bus = client_open(address);
        sd_bus_message *reply = NULL;
        const char *text, *begin;
        char *own;

        g_assert_cmpstr(
                client_call(bus, &reply, MYMEM_MANAGER_PATH, INTROSPECTABLE, "Introspect", NULL), ==, NULL);
        g_assert_cmpint(sd_bus_message_read(reply, "s", &text), >, 0);
        begin = strstr(text, "<interface name=\"" MYMEM_MANAGER_INTERFACE "\">");
        g_assert_nonnull(begin);
        own = g_strndup(begin, (gsize) (strstr(begin, "</interface>") - begin));
        sd_bus_message_unref(reply);
        sd_bus_flush_close_unref(bus);
        return own;
}

static void test_manager(Socket *stage, const void *data) {
        g_autofree char *text = introspect_manager(stage->bus->address);
        g_autoptr(GPtrArray) methods = find_names(text, "<method name=\""),
                             properties = find_names(text, "<property name=\"");
        unsigned n_allowed = 0;

        (void) data;
        for (size_t i = 0; i < methods->len; i++) {
                const char *member = g_ptr_array_index(methods, i);

                g_test_message("%s", member);
                if (g_strv_contains(allowed, member)) {
                        n_allowed++;
                        continue;
                }
                check_refused(stage->client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, member, NULL);
                check_refused(stage->client, MYMEM_MANAGER_PATH, NULL, member, NULL);
                check_refused(stage->client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, member, "u", 0);
                check_refused(stage->client, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, member, "s", "/");
                check_refused(stage->client,
                              MYMEM_MANAGER_PATH,
                              MYMEM_MANAGER_INTERFACE,
                              member,
                              "h",
                              STDERR_FILENO);
        }
        g_assert_cmpuint(n_allowed, ==, g_strv_length((char **) allowed));
        g_assert_cmpuint(methods->len, >, n_allowed);

        for (size_t i = 0; i < properties->len; i++) {
                const char *name = g_ptr_array_index(properties, i);

                check_refused(stage->client,
                              MYMEM_MANAGER_PATH,
                              PROPERTIES,
                              "Get",
                              "ss",
                              MYMEM_MANAGER_INTERFACE,
                              name);
        }
        g_assert_cmpuint(properties->len, >, 0);
        check_refused(stage->client, MYMEM_MANAGER_PATH, PROPERTIES, "GetAll", "s", MYMEM_MANAGER_INTERFACE);
        check_refused(stage->client, MYMEM_MANAGER_PATH, PROPERTIES, "GetAll", "s", "");
        check_refused(stage->client,
                      MYMEM_MANAGER_PATH,
                      PROPERTIES,
                      "Set",
                      "ssv",
                      MYMEM_MANAGER_INTERFACE,
                      "Version",
                      "s",
                      "");
}

/* The objects of the tree, those that are there and those that are not: nothing tells one from the other. */
static void test_objects(Socket *stage, const void *data) {
        static const char *const paths[] = { MYMEM_UNIT_PATH,         MYMEM_UNIT_PATH "/system_2eslice",
                                             MYMEM_UNIT_PATH "/none", MYMEM_SELF_PATH "/none",
                                             "/org/mymem1/none",      "/none" };

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                g_test_message("%s", paths[i]);
                check_refused(stage->client, paths[i], MYMEM_UNIT_INTERFACE, "GetChain", NULL);
                check_refused(stage->client, paths[i], NULL, "GetChain", NULL);
                check_refused(stage->client, paths[i], MYMEM_UNIT_INTERFACE, "GetStatistics", NULL);
                check_refused(stage->client, paths[i], PROPERTIES, "GetAll", "s", MYMEM_UNIT_INTERFACE);
                check_refused(
                        stage->client, paths[i], PROPERTIES, "Get", "ss", MYMEM_UNIT_INTERFACE, "Usage");
                check_refused(stage->client, paths[i], INTROSPECTABLE, "Introspect", NULL);
                check_refused(stage->client, paths[i], MYMEM_MANAGER_INTERFACE, "GetMemory", NULL);
        }
}

/* What sd-bus would answer by itself, what a bus would, and names that are close to what is allowed. */
static void test_others(Socket *stage, const void *data) {
        static const char *const paths[] = {
                "/", "/org", MYMEM_MANAGER_PATH, MYMEM_UNIT_PATH, "/org/freedesktop/DBus", "/none"
        };
        static const struct {
                const char *interface, *member;
        } calls[] = {
                { PEER, "GetMachineId" },
                { PEER, "None" },
                { "org.freedesktop.DBus.ObjectManager", "GetManagedObjects" },
                { DRIVER, "ListNames" },
                { DRIVER, "GetNameOwner" },
                { DRIVER, "GetConnectionCredentials" },
                { DRIVER, "RequestName" },
                { DRIVER, "AddMatch" },
                { "org.freedesktop.DBus.Monitoring", "BecomeMonitor" },
                { "org.freedesktop.DBus.Debug.Stats", "GetStats" },
                { "org.mymem1", "GetMemory" },
                { MYMEM_MANAGER_INTERFACE, "getmemory" },
                { MYMEM_MANAGER_INTERFACE, "GetMemor" },
                { MYMEM_MANAGER_INTERFACE, "GetMemoryX" },
                { MYMEM_UNIT_INTERFACE, "GetMemory" },
                { INTROSPECTABLE, "GetMemory" },
                { MYMEM_MANAGER_INTERFACE, "Introspect" },
                { MYMEM_MANAGER_INTERFACE, "Hello" },
        };

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(calls); j++)
                        check_refused(stage->client, paths[i], calls[j].interface, calls[j].member, NULL);
        check_refused(stage->client, MYMEM_SELF_PATH, PEER, "GetMachineId", NULL);
        /* Hello is for the driver, on its object. */
        check_refused(stage->client, MYMEM_MANAGER_PATH, DRIVER, "Hello", NULL);
        /* On one's own object there is nothing else. */
        g_assert_cmpstr(client_call(stage->client,
                                    NULL,
                                    MYMEM_SELF_PATH,
                                    "org.freedesktop.DBus.ObjectManager",
                                    "GetManagedObjects",
                                    NULL),
                        ==,
                        SD_BUS_ERROR_UNKNOWN_METHOD);
        g_assert_cmpstr(
                client_call(stage->client, NULL, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "ListUnits", NULL),
                ==,
                SD_BUS_ERROR_UNKNOWN_METHOD);
        g_assert_cmpstr(
                client_call(stage->client, NULL, MYMEM_SELF_PATH, NULL, "ListUnits", NULL), !=, NULL);
}

/* A call that wants no reply gets none, be it refused or not. */
static void test_no_reply(Socket *stage, const void *data) {
        static const char *const members[] = {
                "ListUnits", "GetMemory", "GetMemoryByPID", "OpenMemory", "Hello"
        };
        int fd = stranger_open(stage->address);
        GByteArray *message;
        bool is_error;

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
                g_assert_true(stranger_call(fd,
                                            &(WireCall) { .flags = WIRE_NO_REPLY,
                                                          .serial = 7,
                                                          .path = MYMEM_MANAGER_PATH,
                                                          .interface = MYMEM_MANAGER_INTERFACE,
                                                          .member = members[i] }));
                g_assert_true(stranger_call(fd,
                                            &(WireCall) { .flags = WIRE_NO_REPLY,
                                                          .serial = 7,
                                                          .path = "/org/freedesktop/DBus",
                                                          .interface = DRIVER,
                                                          .member = members[i] }));
        }
        g_assert_true(stranger_call(fd,
                                    &(WireCall) { .serial = 8,
                                                  .path = MYMEM_MANAGER_PATH,
                                                  .interface = MYMEM_MANAGER_INTERFACE,
                                                  .member = "GetMemory" }));
        message = stranger_read(fd);
        g_assert_nonnull(message);
        g_assert_cmpuint(wire_reply_serial(message, &is_error), ==, 8);
        g_assert_false(is_error);
        g_byte_array_unref(message);
        close(fd);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/socket-refusal/manager", test_manager);
        socket_add("/socket-refusal/objects", test_objects);
        socket_add("/socket-refusal/others", test_others);
        socket_add("/socket-refusal/no-reply", test_no_reply);

        return stage_run();
}
