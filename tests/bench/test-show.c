/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "listening.h"
#include "names.h"
#include "row.h"
#include "run.h"
#include "stage.h"

/* `mymem show -P Limit` and the call that it saves people from writing. */

#define RUNS row_times(100, 40)

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

static void call(void *data) {
        run(data,
            WORDS("busctl",
                  "call",
                  MYMEM_BUS_NAME,
                  MYMEM_MANAGER_PATH,
                  MYMEM_MANAGER_INTERFACE,
                  "GetMemory"));
}

static void show(void *data) {
        run(data, WORDS(g_getenv("MYMEM_COMMAND"), "show", "-P", "Limit"));
}

static void compare(const char *what, Place *place) {
        const Variant variants[] = { { .work = show, .data = place }, { .work = call, .data = place } };
        Samples samples[2];

        samples_take(variants, samples, G_N_ELEMENTS(variants), RUNS);
        row_ratio(&(Row) { what, "`busctl call`", .at_most = 0.5 }, samples[0].p50, samples[1].p50);
}

/* As it is installed: asked on the socket. */
static void test_socket(Stage *stage, const void *data) {
        Listening *listening = listening_start();
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        Place place = { bus, listening->variable };

        (void) data;
        compare("`mymem show -P Limit`, socket", &place);
        listening_stop(listening);
}

static void test_bus(Stage *stage, const void *data) {
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        Place place = { bus, "MYMEM_SOCKET=" };

        (void) data;
        compare("`mymem show -P Limit`, bus", &place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/show/socket", test_socket);
        stage_add("/show/bus", test_bus);
        return stage_run();
}
