/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cleanup.h"
#include "failure.h"
#include "handle.h"
#include "look.h"
#include "size.h"
#include "whereabouts.h"

/* A changed limit is seen within a second, and looked for at most once in one. */
#define REFRESH_USEC UINT64_C(900000)

/* A refresh is worth less of a program's time than an answer: then the service has this long at the socket,
 * and with the bus in all. One that does not answer is left alone for a while, and then for longer; it has
 * no more time than this until it answers. */
#define REFRESH_SOCKET_USEC UINT64_C(50000)
#define REFRESH_BUS_USEC UINT64_C(100000)
#define WAITED_USEC UINT64_C(25000) /* that nobody is there is known sooner */
#define PATIENCE_MIN_USEC UINT64_C(1000000)
#define PATIENCE_MAX_USEC UINT64_C(4000000)

struct mymem_handle {
        pid_t pid;               /* who opened it: another process, after a fork, begins anew */
        Whereabouts whereabouts; /* of none, where there is no /proc: then only forks are noticed */
        View view;        /* of no group: there are no files to be had, and each sample is a look at all */
        Machine *machine; /* where all groups up to the true root can be seen from here; else NULL */
        uint64_t refreshed_at_usec;
        uint64_t patience_usec; /* how long the service is left alone next time */
        uint64_t retry_at_usec; /* until then it is */
};

/* Notes whether the service, asked at 'since_usec', made us wait in vain. */
static void note_service(Handle *handle, uint64_t since_usec, bool answered) {
        uint64_t now = machine_now_usec();

        if (answered || now - since_usec < WAITED_USEC) {
                handle->patience_usec = handle->retry_at_usec = 0;
                return;
        }

        handle->patience_usec = handle->patience_usec == 0 ?
                PATIENCE_MIN_USEC :
                size_min(handle->patience_usec * 2, PATIENCE_MAX_USEC);
        handle->retry_at_usec = now + handle->patience_usec;
}

static bool service_is_avoided(const Handle *handle) {
        return machine_now_usec() < handle->retry_at_usec;
}

/* Gets a view from the service. Returns 1, 0 if nobody answered, or the final word. */
static int view_by_service(Handle *handle, uint64_t socket_usec, uint64_t bus_usec, View *ret) {
        _cleanup_(handout_done) Handout handout = { 0 };
        uint64_t now = machine_now_usec();
        int r;

        r = handout_ask(now + socket_usec, now + bus_usec, &handout);
        note_service(handle, now, r != 0 || handout.refusal < 0);
        if (r > 0)
                r = view_from_handout(&handout, ret) < 0 ? 0 : 1;
        return r;
}

/* Looks at all there is, as often as somebody wants to know. */
static int handle_look(Handle *handle, struct mymem *ret) {
        const Target self = { .kind = TARGET_SELF };
        uint64_t now = machine_now_usec();
        int r;

        if (handle->machine || service_is_avoided(handle))
                return look_here(&self, ret);

        r = look(&self, ret);
        note_service(handle, now, r >= 0);
        return r;
}

static int open_subject(Machine *machine, Subject *ret) {
        return target_open_subject(machine, &(Target) { .kind = TARGET_SELF }, ret);
}

static int view_directly(Machine *machine, View *ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        machine_begin(machine);
        r = open_subject(machine, &subject);
        return r < 0 ? r : view_from_subject(machine, &subject, ret);
}

/* Finds out whether all groups up to the true root can be seen from here. */
static Machine *find_machine(void) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        _cleanup_(subject_done) Subject subject = { 0 };

        if (machine_new_here(&machine) < 0 || open_subject(machine, &subject) < 0 ||
            !chain_top(&subject.chain)->is_machine)
                return NULL;

        return take_ptr(&machine);
}

/* Whether there may be no figures at all, if the service does not answer. */
static bool service_is_needed(const Handle *handle, bool is_first) {
        return is_first || (!handle->machine && handle->patience_usec == 0);
}

/* Gets a view from whoever has one. -EOPNOTSUPP if there are no files to be had. */
static int find_view(Handle *handle, bool is_first, View *ret) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        int r = 0;

        if (!service_is_avoided(handle))
                r = service_is_needed(handle, is_first) ?
                        view_by_service(handle, ASK_SOCKET_USEC, ASK_BUS_USEC, ret) :
                        view_by_service(handle, REFRESH_SOCKET_USEC, REFRESH_BUS_USEC, ret);
        if (r != 0)
                return r < 0 ? r : 0;

        if (handle->machine)
                return view_directly(handle->machine, ret);
        r = machine_new_here(&machine);
        return r < 0 ? r : view_directly(machine, ret);
}

/* Finds a view that can be read; an empty one where there are no files, but figures. */
static int open_view(Handle *handle, bool is_first) {
        _cleanup_(view_done) View view = VIEW_NONE;
        struct mymem memory;
        int r;

        handle->machine = machine_free(handle->machine);
        handle->machine = find_machine();

        r = find_view(handle, is_first, &view);
        if (r >= 0)
                r = view_read(&view, &memory);
        if (r == -ESRCH || r == -ENOENT || r == -ENODEV)
                return r;
        if (r < 0) {
                /* No files, but maybe an answer; if not, its error is the better one. */
                view_done(&view);
                r = handle_look(handle, &memory);
                if (r < 0)
                        return r;
        }

        view_done(&handle->view);
        handle->view = view;
        view = VIEW_NONE;
        handle->refreshed_at_usec = machine_now_usec();
        return 0;
}

/* Where there is no /proc, only forks will be noticed; without the means to ask it, this fails. */
static int note_whereabouts(Handle *handle) {
        int fd, r;

        handle->pid = getpid();
        whereabouts_done(&handle->whereabouts);
        fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        r = fd < 0 ? -errno : whereabouts_take(fd, &handle->whereabouts);
        return failure_is_passing(r) ? r : 0;
}

static bool is_where_it_was(const Handle *handle) {
        return handle->pid == getpid() &&
                (handle->whereabouts.fd < 0 || whereabouts_hold(&handle->whereabouts) > 0);
}

/* Begins anew. */
static int handle_open(Handle *handle, bool is_first) {
        int r;

        /* Where we are is noted first: who is moved while this looks will be found to have been. */
        r = note_whereabouts(handle);
        if (r >= 0)
                r = open_view(handle, is_first);
        if (r < 0)
                handle->pid = 0; /* what is open is not ours any more */
        return r;
}

/* Looks for changes of the limits. If that is not possible, it is tried again later, and what is known
 * serves on. */
static void handle_refresh(Handle *handle, uint64_t now) {
        _cleanup_(view_done) View newer = VIEW_NONE;
        int r;

        handle->refreshed_at_usec = now;
        if (handle->machine) {
                r = view_directly(handle->machine, &newer);
                if (r >= 0)
                        view_update(&handle->view, &newer);
                else if (r == -EOPNOTSUPP)
                        view_done(&handle->view); /* too many limits by now: each sample is a look at all */
                return;
        }

        r = view_by_service(handle, REFRESH_SOCKET_USEC, REFRESH_BUS_USEC, &newer);
        if (r > 0)
                view_update(&handle->view, &newer);
}

int handle_new(Handle **ret) {
        Handle *handle;
        int r;

        assert(ret);

        handle = calloc(1, sizeof(*handle));
        if (!handle)
                return -ENOMEM;
        handle->view = VIEW_NONE;
        handle->whereabouts = WHEREABOUTS_NONE;

        r = handle_open(handle, true);
        if (r < 0) {
                handle_free(handle);
                return r;
        }

        *ret = handle;
        return 0;
}

static bool has_files(const Handle *handle) {
        return handle->view.opened.n > 0;
}

static int handle_read(Handle *handle, struct mymem *ret) {
        int r;

        if (!has_files(handle))
                return handle_look(handle, ret);

        r = view_read(&handle->view, ret);
        return r < 0 ? r : look_at_rlimits(ret);
}

/* What can be seen from here costs nobody else anything; the service is asked less often if it does not
 * answer. */
static bool is_due(const Handle *handle, uint64_t now) {
        return now - handle->refreshed_at_usec >= REFRESH_USEC &&
                (handle->machine || !service_is_avoided(handle));
}

int handle_sample(Handle *handle, struct mymem *ret) {
        uint64_t now = machine_now_usec();
        bool holds;
        int r;

        assert(handle);
        assert(ret);

        holds = is_where_it_was(handle);
        if (holds && is_due(handle, now)) {
                if (has_files(handle))
                        handle_refresh(handle, now);
                else
                        holds = handle->machine != NULL; /* maybe there are some by now */
        }
        if (holds) {
                r = handle_read(handle, ret);
                if (r >= 0 || !has_files(handle))
                        return r;
        }

        r = handle_open(handle, false);
        return r < 0 ? r : handle_read(handle, ret);
}

Handle *handle_free(Handle *handle) {
        if (!handle)
                return NULL;

        whereabouts_done(&handle->whereabouts);
        view_done(&handle->view);
        machine_free(handle->machine);
        free(handle);
        return NULL;
}
