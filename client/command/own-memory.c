/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>

#include "cleanup.h"
#include "names.h"
#include "own-memory.h"
#include "property.h"
#include "size.h"

int own_memory_ask(Connection *connection, const Target *target, AskNeeds needs, Asked *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        int r;

        (void) target;
        (void) needs;

        assert(connection);
        assert(target->kind == TARGET_SELF);
        assert(needs == ASK_MEMORY);
        assert(ret);

        r = connection_new_call(
                connection, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory", &message);
        if (r < 0)
                return 0;
        r = ask_call(connection, message, ret, &reply);
        if (r <= 0)
                return r;

        snapshot = property_new_snapshot();
        if (!snapshot ||
            sd_bus_message_read(reply, "ttt", &snapshot->limit, &snapshot->usage, &snapshot->working_set) <
                    0 ||
            snapshot->limit == SIZE_UNLIMITED)
                return 0;

        ret->snapshot = take_ptr(&snapshot);
        ret->source = connection->source;
        return 1;
}
