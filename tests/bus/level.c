/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "level.h"

#include <glib.h>

#include "client.h"
#include "names.h"

const char *level_ask(sd_bus *bus, const char *path, sd_bus_message **ret) {
        sd_bus_message *reply = NULL;
        const char *error;

        error = client_call(bus, &reply, path, MYMEM_UNIT_INTERFACE, "GetChain", NULL);
        if (error)
                return error;

        g_assert_cmpstr(sd_bus_message_get_signature(reply, true), ==, "a(sstttttt)");
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(sstttttt)"), >, 0);
        *ret = reply;
        return NULL;
}

bool level_next(sd_bus_message *reply, Level *ret) {
        int r;

        r = sd_bus_message_read(reply,
                                "(sstttttt)",
                                &ret->group,
                                &ret->unit,
                                &ret->max,
                                &ret->high,
                                &ret->usage,
                                &ret->working_set,
                                &ret->available,
                                &ret->swap);
        g_assert_cmpint(r, >=, 0);
        return r > 0;
}
