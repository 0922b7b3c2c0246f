/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "closer.h"
#include "descriptors.h"
#include "guests.h"
#include "listener.h"

#define GUESTS_MAX 256
#define GUESTS_OF_USER_MAX 16
#define GUESTS_LEAVING_MAX 64       /* beyond that, until their connections are closed to the end */
#define PAUSE_USEC UINT64_C(100000) /* when nobody can be let in */

struct Listener {
        Service *service;
        Guests *guests;
        sd_event_source *io;
        sd_event_source *pause;
};

/* Some users with as many as each may have must not keep all others out: they make room. */
static bool has_room(Guests *guests, uid_t uid) {
        unsigned n = guests_count(guests), n_leaving = guests_count_leaving(guests);

        if (n < GUESTS_MAX)
                return true;

        return n_leaving < GUESTS_LEAVING_MAX &&
                (n - n_leaving < GUESTS_MAX || guests_displace(guests, uid));
}

static bool may_enter(Listener *listener, uid_t uid) {
        Guests *guests = listener->guests;

        if (descriptors_are_scarce())
                return false;
        if (guests_count_of_user(guests, uid) >= GUESTS_OF_USER_MAX && !guests_make_room(guests, uid))
                return false;

        return has_room(guests, uid);
}

/* Takes the descriptor of somebody who connected. */
static int listener_admit(Listener *listener, int fd) {
        _cleanup_close_ int owned_fd = fd;
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        /* A byte that is sent with MSG_OOB would be dropped unread, and what comes with it would be closed
         * by that. */
        if (setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &(int) { 1 }, sizeof(int)) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        if (!may_enter(listener, credentials.uid)) {
                /* With it goes what was sent already, which may take long to close. */
                closer_close(&(int) { take_fd(&owned_fd) }, 1);
                return -EUSERS;
        }

        return guests_admit(listener->guests, take_fd(&owned_fd), credentials.uid);
}

/* Waits a moment before anybody else is let in: what failed would fail again at once. If that cannot be
 * done, it fails again. */
static void listener_pause(Listener *listener) {
        if (sd_event_source_set_time_relative(listener->pause, PAUSE_USEC) >= 0 &&
            sd_event_source_set_enabled(listener->pause, SD_EVENT_ONESHOT) >= 0)
                (void) sd_event_source_set_io_events(listener->io, 0);
}

static int on_pause(sd_event_source *source, uint64_t usec, void *userdata) {
        Listener *listener = userdata;

        (void) source;
        (void) usec;

        if (sd_event_source_set_io_events(listener->io, EPOLLIN) < 0)
                listener_pause(listener);
        return 0;
}

static int on_connection(sd_event_source *source, int listening_fd, uint32_t events, void *userdata) {
        Listener *listener = userdata;
        int fd;

        (void) source;
        (void) events;

        /* Each that is not let in would be one more to close. */
        if (closer_is_behind() && descriptors_are_scarce()) {
                listener_pause(listener);
                return 0;
        }
        fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
                if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                        listener_pause(listener);
                return 0;
        }

        service_yield_to_bus(listener->service);
        /* Who is not let in sees the connection close, and asks elsewhere. */
        (void) listener_admit(listener, fd);
        return 0;
}

int listener_new(Service *service, int fd, Listener **ret) {
        _cleanup_(listener_freep) Listener *listener = NULL;
        _cleanup_close_ int owned_fd = fd;
        int r;

        assert(service);
        assert(fd >= 0);
        assert(ret);

        /* One that was handed over need not be so. */
        if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;

        closer_start();
        listener = g_new0(Listener, 1);
        listener->service = service;

        r = sd_event_add_io(service->event, &listener->io, fd, EPOLLIN, on_connection, listener);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(listener->io, true);
        if (r < 0)
                return r;
        (void) take_fd(&owned_fd);

        r = sd_event_add_time_relative(
                service->event, &listener->pause, CLOCK_MONOTONIC, 0, 0, on_pause, listener);
        if (r >= 0)
                r = sd_event_source_set_enabled(listener->pause, SD_EVENT_OFF);
        if (r >= 0)
                r = guests_new(service, &listener->guests);
        if (r < 0)
                return r;

        *ret = take_ptr(&listener);
        return 0;
}

Listener *listener_free(Listener *listener) {
        if (!listener)
                return NULL;

        guests_free(listener->guests);
        sd_event_source_disable_unref(listener->io);
        sd_event_source_disable_unref(listener->pause);
        g_free(listener);
        return NULL;
}
