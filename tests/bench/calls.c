/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "calls.h"

#include <glib.h>

#include "client.h"

void call_ping(void *data) {
        g_assert_cmpstr(client_ping(data), ==, NULL);
}

void call_get_memory(void *data) {
        Figures figures;

        g_assert_cmpstr(client_figures(data, &figures, "GetMemory", NULL), ==, NULL);
}
