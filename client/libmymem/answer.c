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

int answer_bind(Answer *answer, const Rlimits *rlimits) {
        static const char *const names[] = {
                [RLIMITS_BIND_ADDRESS_SPACE] = "RLIMIT_AS", [RLIMITS_BIND_DATA] = "RLIMIT_DATA"
        };
        RlimitsBound bound;
        char *name;

        assert(answer);
        assert(rlimits);

        bound = rlimits_bind(rlimits, &answer->snapshot->available);
        if (bound == RLIMITS_BIND_NOTHING)
                return 0;

        name = strdup(names[bound]);
        if (!name)
                return -ENOMEM;
        free(answer->snapshot->available_by);
        answer->snapshot->available_by = name;
        return 0;
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
