/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "listening.h"
#include "names.h"
#include "ratio.h"
#include "run.h"
#include "stage.h"

/* `mymem show -P Limit` and the call that it saves people from writing. */

#define RUNS 40
#define TARGET 0.5

typedef struct Place {
        const char *bus; /* variables */
        const char *socket;
} Place;

/* Runs it to its end, without a shell between. */
static void run(const Place *place, const char *const *arguments) {
        g_auto(GStrv) environment = run_environment(WORDS(place->bus, place->socket));
        int status;

        g_assert_true(g_spawn_sync(NULL,
                                   (char **) arguments,
                                   environment,
                                   G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                                   NULL,
                                   NULL,
                                   NULL,
                                   NULL,
                                   &status,
                                   NULL));
        g_assert_cmpint(status, ==, 0);
}

static void call(const void *data) {
        run(data,
            WORDS("busctl",
                  "call",
                  MYMEM_BUS_NAME,
                  MYMEM_MANAGER_PATH,
                  MYMEM_MANAGER_INTERFACE,
                  "GetMemory"));
}

static void show(const void *data) {
        run(data, WORDS(g_getenv("MYMEM_COMMAND"), "show", "-P", "Limit"));
}

/* As it is installed: asked on the socket. */
static void test_socket(Stage *stage, const void *data) {
        Listening *listening = listening_start();
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        Place place = { bus, listening->variable };

        (void) data;
        ratio_check(ratio_measure("on the socket", show, call, &place, RUNS), TARGET);
        listening_stop(listening);
}

static void test_bus(Stage *stage, const void *data) {
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        Place place = { bus, "MYMEM_SOCKET=" };

        (void) data;
        ratio_check(ratio_measure("on the bus", show, call, &place, RUNS), TARGET);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/show/socket", test_socket);
        stage_add("/show/bus", test_bus);
        return stage_run();
}
