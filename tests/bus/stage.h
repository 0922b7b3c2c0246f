/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

#include "private-bus.h"
#include "service.h"

/* Where most tests play: a private bus, the service on it, a client. A new one for each test. */

typedef struct Stage {
        PrivateBus *bus;
        Service *service;
        sd_bus *client;
} Stage;

/* The halves of g_test_add()'s fixture. */
void stage_set_up(Stage *stage, const void *data);
void stage_tear_down(Stage *stage, const void *data);

void stage_add(const char *name, void (*test)(Stage *stage, const void *data));

/* g_test_run(), or where the bus's program is not installed, a skip of all tests that says so. */
int stage_run(void);
