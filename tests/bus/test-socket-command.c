/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The socket through the programs that people have at hand. */

#include <glib.h>
#include <string.h>

#include "client.h"
#include "command.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "scene.h"
#include "socket.h"

#define UNIT_LIMIT (64 * MIB)

/* busctl with these words behind the address. */
static char *busctl(const Socket *stage, const char *const *words) {
        g_autofree char *option = g_strconcat("--address=", stage->address, NULL);
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        g_auto(GStrv) arguments = NULL;

        g_strv_builder_add(builder, "busctl");
        g_strv_builder_add(builder, option);
        g_strv_builder_addv(builder, (const char **) words);
        arguments = g_strv_builder_end(builder);
        return command_output((const char *const *) arguments);
}

#define MANAGER MYMEM_BUS_NAME, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE
#define SELF MYMEM_BUS_NAME, MYMEM_SELF_PATH

static void test_call(Socket *stage, const void *data) {
        g_autofree char *memory = NULL, *unit = NULL, *available = NULL, *chain = NULL, *wanted = NULL;
        Scene scene;

        (void) data;
        if (!scene_enter_empty(&scene, UNIT_LIMIT))
                return;
        wanted = g_strdup_printf("so \"%s\" \"%s\"\n", scene.name, scene.object);
        group_enter(scene.group);

        memory = busctl(stage, COMMAND("call", MANAGER, "GetMemory"));
        g_assert_true(g_str_has_prefix(memory, "ttt 67108864 "));
        unit = busctl(stage, COMMAND("call", MANAGER, "GetUnit"));
        g_assert_cmpstr(unit, ==, wanted);
        available = busctl(stage, COMMAND("call", MANAGER, "GetAvailable"));
        g_assert_nonnull(strstr(available, scene.group));
        chain = busctl(stage, COMMAND("call", SELF, MYMEM_UNIT_INTERFACE, "GetChain"));
        g_assert_true(g_str_has_prefix(chain, "a(sstttttt) "));
        g_assert_nonnull(strstr(chain, scene.group));
        scene_leave(&scene);
}

static void test_get_property(Socket *stage, const void *data) {
        g_autofree char *text =
                busctl(stage, COMMAND("get-property", SELF, MYMEM_UNIT_INTERFACE, "Limit", "LimitBy"));

        (void) data;
        g_assert_true(g_str_has_prefix(text, "t "));
        g_assert_nonnull(strstr(text, "\ns \"/"));
}

static void test_introspect(Socket *stage, const void *data) {
        g_autofree char *manager = busctl(stage, COMMAND("introspect", MYMEM_BUS_NAME, MYMEM_MANAGER_PATH)),
                        *self = busctl(stage, COMMAND("introspect", SELF));

        (void) data;
        g_assert_nonnull(strstr(manager, "\n.GetMemory "));
        g_assert_nonnull(strstr(manager, "\n.OpenMemory "));
        g_assert_null(strstr(manager, "\n.ListUnits "));
        g_assert_nonnull(strstr(self, "\n.GetChain "));
        g_assert_nonnull(strstr(self, "\n.Usage "));
}

static void test_tree(Socket *stage, const void *data) {
        g_autofree char *text = busctl(stage, COMMAND("tree", "--list", MYMEM_BUS_NAME));

        (void) data;
        g_assert_cmpstr(text, ==, "/\n/org\n/org/mymem1\n/org/mymem1/self\n");
}

/* The same with the tools of the reference implementation. */
static void test_dbus_send(Socket *stage, const void *data) {
        static const char get_memory[] = MYMEM_MANAGER_INTERFACE ".GetMemory";
        g_autofree char *program = g_find_program_in_path("dbus-send"), *text = NULL,
                        *option = g_strconcat("--peer=", stage->address, NULL);

        (void) data;
        if (!program) {
                g_test_skip("dbus-send is not installed");
                return;
        }
        text = command_output(
                COMMAND("dbus-send", option, "--print-reply=literal", MYMEM_MANAGER_PATH, get_memory));
        g_assert_nonnull(strstr(text, "uint64 "));
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-command/call", test_call);
        socket_add("/socket-command/get-property", test_get_property);
        socket_add("/socket-command/introspect", test_introspect);
        socket_add("/socket-command/tree", test_tree);
        socket_add("/socket-command/dbus-send", test_dbus_send);

        return g_test_run();
}
