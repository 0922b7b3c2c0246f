/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "caller.h"
#include "cleanup.h"
#include "failure-reply.h"
#include "readings.h"

Caller *caller_new(void) {
        Caller *caller = g_new0(Caller, 1);

        caller->n_ref = 1;
        caller->r = -ERROR_UNKNOWN_CALLER;
        caller->uid = CALLER_NOBODY;
        caller->pidfd = caller->process.fd = -1;
        return caller;
}

Caller *caller_ref(Caller *caller) {
        assert(caller);

        caller->n_ref++;
        return caller;
}

/* Lets go of all that holds the process; what is known of the caller stays. */
static void caller_release(Caller *caller) {
        caller->reading = reading_free(caller->reading);
        caller->ended = sd_event_source_disable_unref(caller->ended);
        closep(&caller->pidfd);
        caller->pidfd = -1;
        process_done(&caller->process);
}

Caller *caller_unref(Caller *caller) {
        if (!caller || --caller->n_ref > 0)
                return NULL;

        caller_release(caller);
        g_free(caller);
        return NULL;
}

/* The process that opened the connection has ended. A child of it may hold the connection still: it must not
 * be taken for whoever has the number next, so that this is remembered. */
static int on_ended(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Caller *caller = userdata;

        (void) source;
        (void) fd;
        (void) events;

        caller->r = -ESRCH;
        caller_release(caller);
        return 0;
}

bool caller_is_alive(const Caller *caller) {
        assert(caller);

        return caller->pidfd >= 0 && process_is_alive(caller->pidfd) > 0;
}

/* -ESRCH also where it is the number of a thread. */
static int open_pidfd(uint32_t pid) {
        int fd;

        fd = (int) syscall(SYS_pidfd_open, (pid_t) pid, 0);
        if (fd >= 0)
                return fd;

        return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
}

/* Takes hold of the process that had the number 'pid' when it connected. Who ended meanwhile is not confused
 * with who got the number then: that process is younger than the question. */
static int open_by_number(
        Machine *machine, uint32_t pid, const Moment *asked, Process *ret_process, int *ret_pidfd) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_close_ int pidfd = -1;
        int r;

        if (pid == 0)
                return -ERROR_UNKNOWN_CALLER; /* it was not said, or is of a PID namespace that is not below
                                                 ours */

        pidfd = open_pidfd(pid);
        if (pidfd < 0 && pidfd != -ENOSYS && pidfd != -EPERM)
                return pidfd;

        r = process_open(machine, pid, &process);
        if (r >= 0)
                r = moment_had_process(machine, asked, &process, pid);
        if (r <= 0)
                return r < 0 ? r : -ESRCH;

        r = pidfd < 0 ? 1 : process_is_alive(pidfd);
        if (r <= 0)
                return r < 0 ? r : -ESRCH;

        *ret_process = process;
        process.fd = -1;
        *ret_pidfd = take_fd(&pidfd);
        return 0;
}

/* Takes hold of the process that the descriptor refers to, by another that nobody else has. epoll watches
 * what is open, and not who has it: were it the bus's, too, and epoll_ctl() failed when we let go of it,
 * then it would watch on for somebody who is not there any more. */
static int open_by_descriptor(Machine *machine, int said_pidfd, Process *ret_process, int *ret_pidfd) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_close_ int pidfd = -1;
        int r;

        r = process_open_pidfd(machine, said_pidfd, &process);
        if (r < 0)
                return r == -EINVAL || r == -EREMOTE ? -ERROR_UNKNOWN_CALLER : r;

        pidfd = open_pidfd(process.pid);
        if (pidfd == -ENOSYS || pidfd == -EPERM) {
                pidfd = fcntl(said_pidfd, F_DUPFD_CLOEXEC, 3);
                if (pidfd < 0)
                        return -errno;
        }
        if (pidfd < 0)
                return pidfd;
        /* While it lives nobody else has its number. */
        r = process_is_alive(said_pidfd);
        if (r <= 0)
                return r < 0 ? r : -ESRCH;

        *ret_process = process;
        process.fd = -1;
        *ret_pidfd = take_fd(&pidfd);
        return 0;
}

int caller_find(
        Caller *caller, sd_event *event, Machine *machine, int pidfd, uint32_t pid, const Moment *asked) {
        int r;

        assert(caller);
        assert(caller->pidfd < 0);
        assert(event);
        assert(machine);
        assert(asked);

        r = pidfd >= 0 ? open_by_descriptor(machine, pidfd, &caller->process, &caller->pidfd) :
                         open_by_number(machine, pid, asked, &caller->process, &caller->pidfd);
        if (r >= 0 && caller->pidfd >= 0)
                r = sd_event_add_io(event, &caller->ended, caller->pidfd, EPOLLIN, on_ended, caller);
        if (r < 0)
                caller_release(caller);

        caller->r = r < 0 ? r : 0;
        return caller->r;
}

int caller_check_user(Caller *caller, Machine *machine) {
        int r;

        assert(caller);
        assert(machine);

        /* Who connected as root may have become anybody. */
        if (caller->r < 0 || caller->uid == 0 || caller->uid == CALLER_NOBODY)
                return caller->r;

        r = process_has_user(machine, &caller->process, caller->uid);
        if (r <= 0) {
                caller_release(caller);
                caller->r = r < 0 ? r : -ERROR_UNKNOWN_CALLER;
        }
        return caller->r;
}

int caller_look_up_namespace(Caller *caller, Machine *machine) {
        int r;

        assert(caller);
        assert(machine);

        if (caller->is_looked_up)
                return 0;

        r = process_is_in_namespace(machine, &caller->process, caller->pidfd, &caller->in_namespace);
        if (r < 0)
                return r;

        caller->is_looked_up = true;
        return 0;
}

int caller_identify(
        Caller *caller, sd_event *event, Machine *machine, int pidfd, uint32_t pid, const Moment *asked) {
        int r;

        r = caller_find(caller, event, machine, pidfd, pid, asked);
        if (r >= 0)
                r = caller_look_up_namespace(caller, machine);
        if (r < 0)
                caller_release(caller);

        caller->r = r < 0 ? r : 0;
        return caller->r;
}
