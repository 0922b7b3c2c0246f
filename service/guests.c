/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <glib.h>
#include <sys/epoll.h>

#include "cleanup.h"
#include "guests.h"
#include "peer.h"
#include "size.h"
#include "turn.h"

#define PATIENCE_USEC UINT64_C(5000000) /* until a connection must be set up */
#define IDLE_USEC UINT64_C(5000000)     /* after which a guest makes room for another of its user */
#define REST_USEC UINT64_C(50000)       /* of peers that bring descriptors while others are closed */

/* A peer, and what is to be done for it. */
typedef struct Guest {
        Guests *guests;
        Peer *peer;
        uid_t uid;
        sd_event_source *io;
        sd_event_source *patience;
        uint64_t served_usec; /* when it had its last turn */
        bool is_leaving;
        GList link;    /* in Guests.all */
        GList turn;    /* in one of the queues below, unless the peer is waited for */
        GQueue *queue; /* which one */
} Guest;

struct Guests {
        Service *service;
        sd_event_source *serve; /* a turn.h, as long as there are turns */
        GQueue all;
        GHashTable *of_users; /* user → how many of these */
        unsigned n_leaving;   /* and how many leave */
        GQueue turns;         /* who is served next */
        const Guest *last;    /* who was served last */
        GQueue resting;
        sd_event_source *wake; /* enabled as long as somebody rests */
};

static void guests_count_user(Guests *guests, uid_t uid, unsigned n) {
        if (n > 0)
                g_hash_table_replace(guests->of_users, GUINT_TO_POINTER(uid), GUINT_TO_POINTER(n));
        else
                g_hash_table_remove(guests->of_users, GUINT_TO_POINTER(uid));
}

static void guest_unqueue(Guest *guest) {
        if (guest->queue)
                g_queue_unlink(guest->queue, &guest->turn);
        guest->queue = NULL;
}

static Guest *guest_free(Guest *guest) {
        Guests *guests = guest->guests;

        guest_unqueue(guest);
        if (guest->link.data) {
                g_queue_unlink(&guests->all, &guest->link);
                guests_count_user(guests, guest->uid, guests_count_of_user(guests, guest->uid) - 1);
        }
        guests->n_leaving -= guest->is_leaving;
        if (guests->last == guest)
                guests->last = NULL;
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

        guest->queue = &guest->guests->turns;
        g_queue_push_tail_link(guest->queue, &guest->turn);
        return turn_begin(guest->guests->serve);
}

/* It gets its turn, but not at once. */
static int guest_rest(Guest *guest) {
        Guests *guests = guest->guests;
        int r;

        r = guest_ignore(guest);
        if (r >= 0 && g_queue_is_empty(&guests->resting))
                r = sd_event_source_set_time_relative(guests->wake, REST_USEC);
        guest->queue = &guests->resting;
        g_queue_push_tail_link(guest->queue, &guest->turn);
        return r < 0 ? r : sd_event_source_set_enabled(guests->wake, SD_EVENT_ONESHOT);
}

static int on_wake(sd_event_source *source, uint64_t usec, void *userdata) {
        Guests *guests = userdata;
        GList *link;

        (void) source;
        (void) usec;

        /* An error here would only switch the source off. */
        while ((link = g_queue_pop_head_link(&guests->resting))) {
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
        guest->guests->n_leaving += !guest->is_leaving;
        guest->is_leaving = true;
        return guest_ignore(guest);
}

/* The same at once. Returns whether it is gone already. */
static bool guest_dismiss(Guest *guest) {
        int r;

        guest_unqueue(guest);
        r = guest_leave(guest);
        if (r >= 0)
                r = peer_part(guest->peer);
        if (r >= 0) /* it has said something that is to be taken first */
                r = guest_queue(guest);
        if (r >= 0)
                return false;

        guest_free(guest);
        return true;
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
        Guests *guests = guest->guests;
        int r;

        service_yield_to_bus(guests->service);

        guests->last = guest;
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
        Guests *guests = guest->guests;

        (void) source;
        (void) fd;
        (void) events;

        if (guests->last == guest && g_queue_is_empty(&guests->turns))
                guest_serve(guest);
        else if (guest_queue(guest) < 0)
                guest_free(guest); /* an error here would only switch the source off */
        return 0;
}

static int on_serve(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Guests *guests = userdata;
        GList *link = g_queue_pop_head_link(&guests->turns);
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

        (void) guest_leave(guest);
        return guest->queue ? 0 : guest_queue(guest);
}

unsigned guests_count(const Guests *guests) {
        assert(guests);

        return guests->all.length;
}

unsigned guests_count_leaving(const Guests *guests) {
        assert(guests);

        return guests->n_leaving;
}

unsigned guests_count_of_user(const Guests *guests, uid_t uid) {
        assert(guests);

        return GPOINTER_TO_UINT(g_hash_table_lookup(guests->of_users, GUINT_TO_POINTER(uid)));
}

bool guests_make_room(Guests *guests, uid_t uid) {
        const uint64_t until_usec = size_less(machine_now_usec(), IDLE_USEC);
        Guest *longest = NULL;

        assert(guests);

        for (const GList *link = guests->all.head; link; link = link->next) {
                Guest *guest = link->data;

                if (guest->uid == uid && !guest->queue && guest->served_usec <= until_usec &&
                    (!longest || guest->served_usec < longest->served_usec) && peer_is_idle(guest->peer))
                        longest = guest;
        }
        return longest && guest_dismiss(longest);
}

bool guests_displace(Guests *guests, uid_t uid) {
        unsigned most = guests_count_of_user(guests, uid) + 1;
        Guest *longest = NULL;

        for (const GList *link = guests->all.head; link; link = link->next) {
                Guest *guest = link->data;
                unsigned n = guests_count_of_user(guests, guest->uid);

                if (guest->is_leaving || n < most || (!longest && n == most) ||
                    (n == most && guest->served_usec >= longest->served_usec))
                        continue;
                most = n;
                longest = guest;
        }
        if (!longest)
                return false;

        (void) guest_dismiss(longest);
        return true;
}

static int watch_guest(Guest *guest, int fd) {
        sd_event *event = guest->guests->service->event;
        int r;

        r = sd_event_add_io(event, &guest->io, fd, EPOLLIN, on_guest, guest);
        if (r >= 0)
                r = sd_event_add_time_relative(
                        event, &guest->patience, CLOCK_MONOTONIC, PATIENCE_USEC, 0, on_patience, guest);
        return r < 0 ? r : guest_queue(guest);
}

int guests_admit(Guests *guests, int fd, uid_t uid) {
        Guest *guest;
        int r;

        assert(guests);
        assert(fd >= 0);

        guest = g_new0(Guest, 1);
        guest->guests = guests;
        guest->turn.data = guest;
        guest->uid = uid;
        r = peer_new(guests->service, fd, &guest->peer);
        if (r >= 0)
                r = watch_guest(guest, fd);
        if (r < 0) {
                guest_free(guest);
                return r;
        }

        guest->link.data = guest;
        g_queue_push_tail_link(&guests->all, &guest->link);
        guests_count_user(guests, uid, guests_count_of_user(guests, uid) + 1);
        return 0;
}

int guests_new(Service *service, Guests **ret) {
        _cleanup_(guests_freep) Guests *guests = NULL;
        int r;

        assert(service);
        assert(ret);

        guests = g_new0(Guests, 1);
        guests->service = service;
        guests->of_users = g_hash_table_new(NULL, NULL);
        g_queue_init(&guests->all);
        g_queue_init(&guests->turns);
        g_queue_init(&guests->resting);

        r = sd_event_add_time_relative(
                service->event, &guests->wake, CLOCK_MONOTONIC, 0, 0, on_wake, guests);
        if (r >= 0)
                r = sd_event_source_set_enabled(guests->wake, SD_EVENT_OFF);
        if (r >= 0)
                r = turn_new(service->event, on_serve, guests, &guests->serve);
        if (r < 0)
                return r;

        *ret = take_ptr(&guests);
        return 0;
}

Guests *guests_free(Guests *guests) {
        GList *link;

        if (!guests)
                return NULL;

        while ((link = g_queue_peek_head_link(&guests->all)))
                guest_free(link->data);
        sd_event_source_disable_unref(guests->wake);
        sd_event_source_disable_unref(guests->serve);
        g_hash_table_unref(guests->of_users);
        g_free(guests);
        return NULL;
}
