/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "remote.h"
#include "machine.h"

#define REMOTE_TIMEOUT_USEC (25 * UINT64_C(1000000)) /* D-Bus's own: there may be ssh to be logged in */
#define LOCAL_TIMEOUT_USEC UINT64_C(1000000)         /* we can walk over all units ourselves */

gboolean remote_is_wanted(const Options *options) {
        return options->host || options->machine;
}

int remote_open(const Options *options, Connection *ret, char **ret_message) {
        uint64_t now = machine_now_usec();
        Connection connection = { .source = MYMEM_SOURCE_BUS, .deadline_usec = now + REMOTE_TIMEOUT_USEC };
        const char *where = options->host ? options->host : options->machine;
        int r;

        if (!remote_is_wanted(options))
                return connection_open(MYMEM_SOURCE_BUS, now + LOCAL_TIMEOUT_USEC, ret);

        r = options->host ? sd_bus_open_system_remote(&connection.bus, where) :
                            sd_bus_open_system_machine(&connection.bus, where);
        if (r < 0) {
                *ret_message = g_strdup_printf("Cannot connect to %s: %s", where, g_strerror(-r));
                return r;
        }

        *ret = connection;
        return 0;
}
