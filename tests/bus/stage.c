/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "client.h"

void stage_set_up(Stage *stage, const void *data) {
        (void) data;

        stage->bus = private_bus_start();
        /* What the test runs (busctl) may find the bus by this. */
        g_assert_true(g_setenv("DBUS_SYSTEM_BUS_ADDRESS", stage->bus->address, true));
        stage->service = service_start(stage->bus->address);
        stage->client = client_open(stage->bus->address);
}

void stage_tear_down(Stage *stage, const void *data) {
        (void) data;

        sd_bus_flush_close_unref(stage->client);
        service_stop(stage->service);
        private_bus_stop(stage->bus);
}

void stage_add(const char *name, void (*test)(Stage *stage, const void *data)) {
        g_test_add(name, Stage, NULL, stage_set_up, test, stage_tear_down);
}

int stage_run(void) {
        if (!private_bus_is_installed()) {
                printf("1..0 # SKIP %s is not installed\n", g_getenv("MYMEM_TEST_BROKER"));
                return EXIT_SUCCESS;
        }
        return g_test_run();
}
