/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "answer.h"
#include "cleanup.h"
#include "size.h"

int answer_read(Machine *machine, const Target *target, Answer *ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        Answer answer;
        int r;

        assert(machine);
        assert(target);
        assert(ret);

        r = target_open_subject(machine, target, &subject);
        if (r >= 0)
                r = snapshot_take(machine, &subject, &answer.snapshot);
        if (r < 0)
                return r;

        answer.source = subject_group(&subject)->is_machine ? MYMEM_SOURCE_PROC : MYMEM_SOURCE_CGROUP;
        *ret = answer;
        return 0;
}

static int bind_one(Snapshot *snapshot, uint64_t limit, uint64_t used, const char *by) {
        char *copy;

        if (limit == SIZE_UNLIMITED || used == SIZE_UNKNOWN || size_less(limit, used) >= snapshot->available)
                return 0;

        copy = strdup(by);
        if (!copy)
                return -ENOMEM;

        snapshot->available = size_less(limit, used);
        free(snapshot->available_by);
        snapshot->available_by = copy;
        return 0;
}

int answer_bind(Answer *answer, const Rlimits *rlimits) {
        int r;

        assert(answer);
        assert(rlimits);

        r = bind_one(answer->snapshot,
                     rlimits->address_space,
                     rlimits->address_space_used,
                     ANSWER_BY_ADDRESS_SPACE);
        if (r < 0)
                return r;
        return bind_one(answer->snapshot, rlimits->data, rlimits->data_used, ANSWER_BY_DATA);
}

void answer_done(Answer *answer) {
        assert(answer);

        answer->snapshot = snapshot_free(answer->snapshot);
}

const char *answer_source_to_string(enum mymem_source source) {
        switch (source) {
        case MYMEM_SOURCE_SOCKET:
                return "socket";
        case MYMEM_SOURCE_BUS:
                return "bus";
        case MYMEM_SOURCE_PROC:
                return "proc";
        default:
                return "cgroup";
        }
}
