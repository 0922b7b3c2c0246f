/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <glib.h>

#include "listed.h"
#include "machine.h"

/* How much of lists may wait to be sent. One may in any case; and where the bus is never done with all that
 * it is sent, it is taken to have had a list after that time: were it deaf, we would have left it. */
#define UNSENT_MAX ((size_t) 2 * 1024 * 1024)
#define UNSENT_USEC UINT64_C(1000000)

#define UNIT_SIGNATURE "(sotttt)"

int listed_reply_begin(sd_bus_message *call, UnitList *units, ListedReply *ret) {
        int r;

        assert(call);
        assert(units);
        assert(ret);

        *ret = (ListedReply) { .call = sd_bus_message_ref(call), .units = unit_list_ref(units) };
        r = sd_bus_message_new_method_return(call, &ret->reply);
        return r < 0 ? r : sd_bus_message_open_container(ret->reply, 'a', UNIT_SIGNATURE);
}

int listed_reply_go_on(ListedReply *reply, uint64_t until_usec) {
        const ListedUnit *unit;
        int r;

        assert(reply);
        assert(reply->reply);

        while ((unit = unit_list_at(reply->units, reply->offset))) {
                r = sd_bus_message_append(reply->reply,
                                          UNIT_SIGNATURE,
                                          unit->text,
                                          listed_unit_place(unit),
                                          unit->limit,
                                          unit->usage,
                                          unit->working_set,
                                          unit->available);
                if (r < 0)
                        return r;
                reply->offset += unit->size;
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
        unit_list_unref(reply->units);
        *reply = (ListedReply) { 0 };
}

void listed_unsent_add(ListedUnsent *unsent, size_t size) {
        assert(unsent);

        unsent->n++;
        unsent->size = MAX(unsent->size, size);
        unsent->since_usec = machine_now_usec();
}

bool listed_unsent_has_room(ListedUnsent *unsent, sd_bus_message *call, size_t size) {
        uint64_t n = 0;

        assert(unsent);
        assert(call);

        /* Those that wait may all be lists, but there are no more lists than that. */
        (void) sd_bus_get_n_queued_write(sd_bus_message_get_bus(call), &n);
        unsent->n = MIN(unsent->n, n);
        if (unsent->n > 0 && machine_now_usec() >= unsent->since_usec + UNSENT_USEC)
                unsent->n = 0;
        if (unsent->n == 0)
                unsent->size = 0;

        return unsent->n == 0 || (unsent->n + 1) * MAX(unsent->size, size) <= UNSENT_MAX;
}
