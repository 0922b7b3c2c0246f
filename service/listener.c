/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "closer.h"
#include "descriptors.h"
#include "listener.h"
#include "peer.h"
#include "size.h"
#include "turn.h"

#define GUESTS_MAX 256
#define GUESTS_OF_USER_MAX 16
#define PATIENCE_USEC UINT64_C(5000000) /* until a connection must be set up */
#define IDLE_USEC UINT64_C(5000000)     /* after which a guest makes room for another of its user */
#define PAUSE_USEC UINT64_C(100000)     /* when nobody can be let in */
#define REST_USEC UINT64_C(50000)       /* of peers that bring descriptors while others are closed */

/* A peer, and what is to be done for it. */
typedef struct Guest {
        Listener *listener;
        Peer *peer;
        uid_t uid;
        sd_event_source *io;
        sd_event_source *patience;
        uint64_t served_usec; /* when it had its last turn */
        bool is_leaving;
        GList link;    /* in Listener.guests */
        GList turn;    /* in one of the queues below, unless the peer is waited for */
        GQueue *queue; /* which one */
} Guest;

struct Listener {
        Service *service;
        sd_event_source *io;
        sd_event_source *pause;
        sd_event_source *serve; /* a turn.h, as long as there are turns */
        GQueue guests;
        GQueue turns;      /* who is served next */
        const Guest *last; /* who was served last */
        GQueue resting;
        sd_event_source *wake; /* enabled as long as somebody rests */
};

static Guest *guest_free(Guest *guest) {
        Listener *listener = guest->listener;

        if (guest->queue)
                g_queue_unlink(guest->queue, &guest->turn);
        if (guest->link.data)
                g_queue_unlink(&listener->guests, &guest->link);
        if (listener->last == guest)
                listener->last = NULL;
        sd_event_source_disable_unref(guest->io);
        sd_event_source_disable_unref(guest->patience);
        peer_free(guest->peer);
        g_free(guest);
        return NULL;
}

/* What the guest does is of no interest, until it is waited for again. */
static int guest_ignore(Guest *guest) {
        return sd_event_source_set_enabled(guest->io, SD_EVENT_OFF);
}

/* The guest has something to be done: it gets a turn, and is not waited for meanwhile. */
static int guest_queue(Guest *guest) {
        int r;

        r = guest_ignore(guest);
        if (r < 0)
                return r;

        guest->queue = &guest->listener->turns;
        g_queue_push_tail_link(guest->queue, &guest->turn);
        return turn_begin(guest->listener->serve);
}

/* It gets its turn, but not at once. */
static int guest_rest(Guest *guest) {
        Listener *listener = guest->listener;
        int r;

        r = guest_ignore(guest);
        if (r >= 0 && g_queue_is_empty(&listener->resting))
                r = sd_event_source_set_time_relative(listener->wake, REST_USEC);
        guest->queue = &listener->resting;
        g_queue_push_tail_link(guest->queue, &guest->turn);
        return r < 0 ? r : sd_event_source_set_enabled(listener->wake, SD_EVENT_ONESHOT);
}

static int on_wake(sd_event_source *source, uint64_t usec, void *userdata) {
        Listener *listener = userdata;
        GList *link;

        (void) source;
        (void) usec;

        /* An error here would only switch the source off. */
        while ((link = g_queue_pop_head_link(&listener->resting))) {
                Guest *guest = link->data;

                guest->queue = NULL;
                if (guest_queue(guest) < 0)
                        guest_free(guest);
        }
        return 0;
}

/* Waits for the guest to do something. */
static int guest_await(Guest *guest) {
        int r;

        r = sd_event_source_set_io_events(guest->io, peer_events(guest->peer));
        return r < 0 ? r : sd_event_source_set_enabled(guest->io, SD_EVENT_ON);
}

/* Its connection is closed from now on, piece by piece. */
static int guest_leave(Guest *guest) {
        guest->is_leaving = true;
        return guest_ignore(guest);
}

static int guest_do(Guest *guest) {
        int r;

        if (!guest->is_leaving) {
                r = peer_serve(guest->peer);
                if (r >= 0)
                        return r;
                r = guest_leave(guest);
                if (r < 0)
                        return r;
        }

        return peer_part(guest->peer);
}

/* It is the guest's turn. */
static void guest_serve(Guest *guest) {
        Listener *listener = guest->listener;
        int r;

        service_yield_to_bus(listener->service);

        listener->last = guest;
        guest->served_usec = machine_now_usec();
        r = guest_do(guest);
        if (r == PEER_BUSY)
                r = guest_queue(guest);
        else if (r == PEER_RESTS)
                r = guest_rest(guest);
        else if (r == PEER_AWAITED)
                r = guest_await(guest);
        if (r < 0)
                guest_free(guest);
}

/* Who was served last and has something again, with nobody waiting, is served at once. All others queue:
 * each of them is a source of its own, and together they would have more turns than the bus. */
static int on_guest(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Guest *guest = userdata;
        Listener *listener = guest->listener;

        (void) source;
        (void) fd;
        (void) events;

        if (listener->last == guest && g_queue_is_empty(&listener->turns))
                guest_serve(guest);
        else if (guest_queue(guest) < 0)
                guest_free(guest); /* an error here would only switch the source off */
        return 0;
}

static int on_serve(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Listener *listener = userdata;
        GList *link = g_queue_pop_head_link(&listener->turns);
        Guest *guest;

        (void) fd;
        (void) events;

        if (!link) {
                (void) turn_end(source); /* else there is another turn */
                return 0;
        }

        guest = link->data;
        guest->queue = NULL;
        guest_serve(guest);
        return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata) {
        Guest *guest = userdata;

        (void) source;
        (void) usec;

        if (guest->is_leaving || peer_is_ready(guest->peer))
                return 0;

        guest->is_leaving = true;
        return guest->queue ? 0 : guest_queue(guest);
}

/* Closes the connection of the user that has had nothing to say for longest. Those who share a number need
 * not know each other: every container has a root. */
static bool make_room(Listener *listener, uid_t uid) {
        const uint64_t until_usec = size_less(machine_now_usec(), IDLE_USEC);
        Guest *longest = NULL;
        int r;

        for (const GList *link = listener->guests.head; link; link = link->next) {
                Guest *guest = link->data;

                if (guest->uid == uid && !guest->queue && guest->served_usec <= until_usec &&
                    (!longest || guest->served_usec < longest->served_usec) && peer_is_idle(guest->peer))
                        longest = guest;
        }
        if (!longest)
                return false;

        r = guest_leave(longest);
        if (r >= 0)
                r = peer_part(longest->peer);
        if (r >= 0) /* it has just said something */
                r = guest_queue(longest);
        if (r >= 0)
                return false;

        guest_free(longest);
        return true;
}

static bool may_enter(Listener *listener, uid_t uid) {
        unsigned n = 0;

        if (listener->guests.length >= GUESTS_MAX || descriptors_are_scarce())
                return false;

        for (const GList *link = listener->guests.head; link; link = link->next)
                n += ((const Guest *) link->data)->uid == uid;
        return n < GUESTS_OF_USER_MAX || make_room(listener, uid);
}

static int watch_guest(Guest *guest, int fd) {
        sd_event *event = guest->listener->service->event;
        int r;

        r = sd_event_add_io(event, &guest->io, fd, EPOLLIN, on_guest, guest);
        if (r >= 0)
                r = sd_event_add_time_relative(
                        event, &guest->patience, CLOCK_MONOTONIC, PATIENCE_USEC, 0, on_patience, guest);
        return r < 0 ? r : guest_queue(guest);
}

/* Takes the descriptor of somebody who connected. */
static int listener_admit(Listener *listener, int fd) {
        _cleanup_close_ int owned_fd = fd;
        struct ucred credentials;
        socklen_t size = sizeof(credentials);
        Guest *guest;
        int r;

        /* A byte that is sent with MSG_OOB would be dropped unread, and what comes with it closed by that.
         */
        if (setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &(int) { 1 }, sizeof(int)) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        if (!may_enter(listener, credentials.uid)) {
                /* With it goes what was sent already, which may take long to close. */
                closer_close(&(int) { take_fd(&owned_fd) }, 1);
                return -EUSERS;
        }

        guest = g_new0(Guest, 1);
        guest->listener = listener;
        guest->turn.data = guest;
        guest->uid = credentials.uid;
        r = peer_new(listener->service, take_fd(&owned_fd), &guest->peer);
        if (r >= 0)
                r = watch_guest(guest, fd);
        if (r < 0) {
                guest_free(guest);
                return r;
        }

        guest->link.data = guest;
        g_queue_push_tail_link(&listener->guests, &guest->link);
        return 0;
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
        g_queue_init(&listener->guests);
        g_queue_init(&listener->turns);
        g_queue_init(&listener->resting);

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
                r = sd_event_add_time_relative(
                        service->event, &listener->wake, CLOCK_MONOTONIC, 0, 0, on_wake, listener);
        if (r >= 0)
                r = sd_event_source_set_enabled(listener->wake, SD_EVENT_OFF);
        if (r >= 0)
                r = turn_new(service->event, on_serve, listener, &listener->serve);
        if (r < 0)
                return r;

        *ret = take_ptr(&listener);
        return 0;
}

Listener *listener_free(Listener *listener) {
        GList *link;

        if (!listener)
                return NULL;

        while ((link = g_queue_peek_head_link(&listener->guests)))
                guest_free(link->data);
        sd_event_source_disable_unref(listener->io);
        sd_event_source_disable_unref(listener->pause);
        sd_event_source_disable_unref(listener->wake);
        sd_event_source_disable_unref(listener->serve);
        g_free(listener);
        return NULL;
}
