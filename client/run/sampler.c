/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>

#include "cleanup.h"
#include "failure.h"
#include "figures.h"
#include "sampler.h"
#include "size.h"

#define LIMITS_USEC UINT64_C(1000000)

struct Sampler {
        Machine *machine;
        char *path;
        Subject subject;
        guint64 high_limit;
        guint64 refreshed_at_usec; /* CLOCK_MONOTONIC; the limits */
};

Sampler *sampler_free(Sampler *sampler) {
        if (!sampler)
                return NULL;

        subject_done(&sampler->subject);
        machine_free(sampler->machine);
        g_free(sampler->path);
        g_free(sampler);
        return NULL;
}

static int read_high_limit(Sampler *sampler) {
        const Chain *chain = &sampler->subject.chain;
        uint64_t high;
        int r;

        sampler->high_limit = SIZE_UNLIMITED;
        for (size_t i = 0; i < chain->n; i++) {
                r = control_group_read(sampler->machine, &chain->groups[i], CONTROL_GROUP_HIGH, &high);
                if (r < 0)
                        return r;
                sampler->high_limit = size_min(sampler->high_limit, high);
        }

        return 0;
}

/* Limits are read with the group's chain, which is opened anew for it. */
static int refresh(Sampler *sampler) {
        guint64 now = machine_now_usec();
        Subject subject = { 0 };
        int r;

        if (sampler->subject.chain.n > 0 && now - sampler->refreshed_at_usec < LIMITS_USEC)
                return 0;

        r = subject_open_group(sampler->machine, sampler->path, &subject);
        if (r < 0)
                return r;

        subject_done(&sampler->subject);
        sampler->subject = subject;
        sampler->refreshed_at_usec = now;
        return read_high_limit(sampler);
}

int sampler_new(const char *path, Sampler **ret, char **ret_message) {
        _cleanup_(sampler_freep) Sampler *sampler = g_new0(Sampler, 1);
        int r;

        assert(path);

        sampler->path = g_strdup(path);
        r = machine_new_here(&sampler->machine);
        if (r >= 0)
                r = refresh(sampler);
        if (r < 0) {
                *ret_message = failure_describe(sampler->machine, r);
                return r;
        }

        *ret = take_ptr(&sampler);
        return 0;
}

int sampler_take(Sampler *sampler, guint64 at_usec, Sample *ret) {
        Figures figures;
        Events events;
        int r;

        assert(sampler);

        machine_begin(sampler->machine);
        r = refresh(sampler);
        if (r >= 0)
                r = figures_read(sampler->machine, &sampler->subject, &figures);
        if (r >= 0)
                r = control_group_read_events(sampler->machine, subject_group(&sampler->subject), &events);
        if (r < 0)
                return r;

        *ret = (Sample) {
                .at_usec = at_usec,
                .usage = figures.usage,
                .working_set = figures.working_set,
                .limit = figures.limit,
                .high_limit = sampler->high_limit,
                .oom_kills = events.oom_kill,
        };
        return 0;
}

int sampler_look(Sampler *sampler, Snapshot **ret) {
        int r;

        assert(sampler);

        machine_begin(sampler->machine);
        sampler->refreshed_at_usec = 0;
        r = refresh(sampler);
        if (r < 0)
                return r;

        return snapshot_take(sampler->machine, &sampler->subject, ret);
}

const char *sampler_control_group(const Sampler *sampler) {
        return subject_group(&sampler->subject)->path;
}
