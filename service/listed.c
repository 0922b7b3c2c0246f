/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <stdlib.h>

#include "failure-reply.h"
#include "listed.h"
#include "machine.h"

/* How much of lists may wait to be sent, with so much for a unit. */
#define LISTED_SIZE_MAX ((uint64_t) 16 * 1024 * 1024)
#define LISTED_UNIT_SIZE 256

#define UNIT_SIGNATURE "(sotttt)"

void listed_unit_free(void *pointer) {
        ListedUnit *unit = pointer;

        g_free(unit->unit);
        g_free(unit->control_group);
        free(unit->object_path);
        g_free(unit);
}

/* Whether one more list may be sent: what the bus has not taken is ours to hold. */
static bool has_room_for(sd_bus *bus, const GPtrArray *units) {
        uint64_t n = 0;

        (void) sd_bus_get_n_queued_write(bus, &n);
        return n * units->len * LISTED_UNIT_SIZE <= LISTED_SIZE_MAX;
}

int listed_reply_begin(sd_bus_message *call, GPtrArray *units, ListedReply *ret) {
        int r;

        assert(call);
        assert(units);
        assert(ret);

        *ret = (ListedReply) { .call = sd_bus_message_ref(call), .units = g_ptr_array_ref(units) };
        if (!has_room_for(sd_bus_message_get_bus(call), units))
                return -ERROR_LIMITS_EXCEEDED;

        r = sd_bus_message_new_method_return(call, &ret->reply);
        return r < 0 ? r : sd_bus_message_open_container(ret->reply, 'a', UNIT_SIGNATURE);
}

int listed_reply_go_on(ListedReply *reply, uint64_t until_usec) {
        int r;

        assert(reply);
        assert(reply->reply);

        while (reply->n_written < reply->units->len) {
                const ListedUnit *unit = g_ptr_array_index(reply->units, reply->n_written++);

                r = sd_bus_message_append(reply->reply,
                                          UNIT_SIGNATURE,
                                          unit->unit,
                                          unit->object_path,
                                          unit->limit,
                                          unit->usage,
                                          unit->working_set,
                                          unit->available);
                if (r < 0)
                        return r;
                if (machine_now_usec() >= until_usec)
                        return 1;
        }

        r = sd_bus_message_close_container(reply->reply);
        if (r >= 0)
                r = sd_bus_send(NULL, reply->reply, NULL);
        return r < 0 ? r : 0;
}

void listed_reply_done(ListedReply *reply) {
        assert(reply);

        sd_bus_message_unref(reply->reply);
        sd_bus_message_unref(reply->call);
        g_clear_pointer(&reply->units, g_ptr_array_unref);
        *reply = (ListedReply) { 0 };
}
