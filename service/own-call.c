/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "names.h"
#include "own-call.h"

bool own_call_is(sd_bus_message *message) {
        static const struct {
                const char *path; /* NULL for any */
                const char *interface;
                const char *member;
        } calls[] = {
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory" },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetAvailable" },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetUnit" },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory" },
                { MYMEM_MANAGER_PATH, "org.freedesktop.DBus.Introspectable", "Introspect" },
                { "/org", "org.freedesktop.DBus.Introspectable", "Introspect" },
                { "/", "org.freedesktop.DBus.Introspectable", "Introspect" },
                { NULL, "org.freedesktop.DBus.Peer", "Ping" },
        };
        const char *path = sd_bus_message_get_path(message),
                   *interface = sd_bus_message_get_interface(message),
                   *member = sd_bus_message_get_member(message);

        if (strcmp(path, MYMEM_SELF_PATH) == 0 &&
            (!interface || strcmp(interface, "org.freedesktop.DBus.Peer") != 0))
                return true;

        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                if ((!calls[i].path || strcmp(path, calls[i].path) == 0) &&
                    (!interface || strcmp(interface, calls[i].interface) == 0) &&
                    strcmp(member, calls[i].member) == 0)
                        return true;

        return false;
}
