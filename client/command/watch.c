/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include "cleanup.h"
#include "failure.h"
#include "figures.h"
#include "inquiry.h"
#include "remote.h"
#include "rlimits.h"
#include "walk.h"
#include "watch.h"

#define DIRECT_INTERVAL_USEC UINT64_C(500000)
#define ASKED_INTERVAL_USEC UINT64_C(2000000)

struct Watch {
        const Options *options;
        const Target *target;
        Machine *machine; /* NULL if somebody else is asked */
        Process process;  /* of a target that is a process */
        char *unit_path;  /* of a target that is a unit */
};

Watch *watch_free(Watch *watch) {
        if (!watch)
                return NULL;

        process_done(&watch->process);
        machine_free(watch->machine);
        free(watch->unit_path);
        g_free(watch);
        return NULL;
}

/* Looks for the target where we can see it. */
static int find(Watch *watch, char **ret_message) {
        const Target *target = watch->target;
        int r;

        r = inquiry_open_machine(watch->options, &watch->machine, ret_message);
        if (r < 0)
                return r;

        if (target_is_process(target))
                r = target_open_process(watch->machine, target, &watch->process);
        else if (target->kind == TARGET_UNIT)
                r = walk_find_unit(watch->machine, target->name, &watch->unit_path);
        else if (target->kind == TARGET_USER_UNIT)
                r = walk_find_user_unit(watch->machine, getuid(), target->name, &watch->unit_path);
        if (r < 0)
                *ret_message = failure_describe(watch->machine, r);

        return r;
}

static int open_subject(Watch *watch, Subject *ret) {
        if (target_is_process(watch->target))
                return subject_open_process(watch->machine, &watch->process, ret);
        if (watch->unit_path)
                return subject_open_unit(watch->machine, watch->unit_path, ret);

        return subject_open_group(watch->machine, watch->target->name, ret);
}

/* As everywhere, a process that was named is bound by its own limits, too. */
static int bind_available(Watch *watch, uint64_t *available) {
        Rlimits rlimits;
        int r;

        r = rlimits_read(watch->machine, &watch->process, &rlimits);
        if (r >= 0)
                (void) rlimits_bind(&rlimits, available);
        return r == -ENODATA ? 0 : r;
}

static int look_directly(Watch *watch, Watched *ret, char **ret_message) {
        _cleanup_(subject_done) Subject subject = { 0 };
        Effective available;
        Figures figures;
        int r;

        machine_begin(watch->machine);
        r = open_subject(watch, &subject);
        if (r >= 0)
                r = figures_read(watch->machine, &subject, &figures);
        if (r >= 0)
                r = available_read(watch->machine, &subject, &available);
        if (r >= 0 && watch->target->kind == TARGET_PROCESS)
                r = bind_available(watch, &available.value);
        if (r < 0) {
                *ret_message = failure_describe(watch->machine, r);
                return r;
        }

        *ret = (Watched) { figures.limit, figures.usage, figures.working_set, available.value };
        return 0;
}

static int ask(Watch *watch, Watched *ret, char **ret_message) {
        Inquiry inquiry = { 0 };
        const Snapshot *snapshot;
        int r;

        r = inquiry_make(watch->options, watch->target, ASK_ALL, &inquiry, ret_message);
        if (r < 0)
                return r;

        snapshot = inquiry.answer.snapshot;
        *ret = (Watched) { snapshot->limit, snapshot->usage, snapshot->working_set, snapshot->available };
        inquiry_done(&inquiry);
        return 0;
}

int watch_new(const Options *options, const Target *target, Watch **ret, char **ret_message) {
        _cleanup_(watch_freep) Watch *watch = g_new0(Watch, 1);
        g_autofree char *message = NULL;
        Watched ignored;
        int r = -ENODATA;

        watch->options = options;
        watch->target = target;
        watch->process.fd = -1;

        if (!remote_is_wanted(options)) {
                r = find(watch, &message);
                if (r >= 0)
                        r = look_directly(watch, &ignored, &message);
        }
        if (r < 0) {
                /* What we cannot see the service may. */
                watch->machine = machine_free(watch->machine);
                r = ask(watch, &ignored, ret_message);
                if (r < 0)
                        return r;
        }

        *ret = take_ptr(&watch);
        return 0;
}

int watch_look(Watch *watch, Watched *ret, char **ret_message) {
        int r;

        r = watch->machine ? look_directly(watch, ret, ret_message) : ask(watch, ret, ret_message);
        if (r != -ENOENT)
                return r;

        /* It was there when the watch began. */
        if (watch->machine) {
                g_free(*ret_message);
                *ret_message = failure_describe(watch->machine, -ENODEV);
        }
        return -ENODEV;
}

guint64 watch_interval_usec(const Watch *watch) {
        return watch->machine ? DIRECT_INTERVAL_USEC : ASKED_INTERVAL_USEC;
}
