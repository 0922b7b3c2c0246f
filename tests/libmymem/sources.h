/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Where the library looks, and how long it may take. */

/* All of it has one second. Here it has two: on a machine that does other things at the same time, a process
 * may wait for its turn. */
#define SOURCES_LIMIT_USEC (2 * G_USEC_PER_SEC)

/* Tells it where the socket and the bus are; NULL: that it shall not try. */
static inline void sources_set(const char *socket, const char *bus) {
        g_assert_true(g_setenv("MYMEM_SOCKET", socket ? socket : "", TRUE));
        g_assert_true(g_setenv("DBUS_SYSTEM_BUS_ADDRESS", bus ? bus : "", TRUE));
}
