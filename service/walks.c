/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "caller.h"
#include "cleanup.h"
#include "failure-reply.h"
#include "handouts.h"
#include "label.h"
#include "listed.h"
#include "turn.h"
#include "unit-list.h"
#include "unit-name.h"
#include "waiters.h"
#include "walk.h"
#include "walks.h"

#define SLICE_USEC UINT64_C(5000)
#define GOOD_FOR_USEC UINT64_C(1000000)
#define REST_USEC UINT64_C(5000) /* until it is looked again whether the bus has taken a list */

/* What the last walk of one kind found. */
typedef struct Listing {
        UnitList *units;     /* while it is good; NULL otherwise */
        uint64_t began_usec; /* when the walk that found them began */
        sd_event_source *expiry;
} Listing;

struct Walks {
        Service *service;
        sd_event_source *work; /* a turn.h, while there is any */
        sd_event_source *rest; /* set while all that is left waits for the bus */
        Waiters waiters;
        Listing listings[2]; /* by WalkKind */
        ListedReply reply;   /* the one that is being written, if any */
        uid_t reply_uid;     /* who gets it */
        ListedUnsent unsent;
        uint32_t n_seen;    /* calls of all kinds, when it was our turn last */
        uint64_t next_usec; /* when it is again, if there are more of these */

        /* The walk that is under way; NULL if none is. */
        Walk *walk;
        WalkKind kind;
        uint64_t began_usec;
        UnitList *units;
};

static void listing_forget(Listing *listing) {
        listing->expiry = sd_event_source_disable_unref(listing->expiry);
        listing->units = unit_list_unref(listing->units);
}

static int on_expiry(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;

        listing_forget(userdata);
        return 0;
}

static int listing_keep(Listing *listing, sd_event *event, UnitList *units, uint64_t began_usec) {
        listing_forget(listing);

        listing->units = unit_list_ref(units);
        listing->began_usec = began_usec;
        return sd_event_add_time_relative(
                event, &listing->expiry, CLOCK_MONOTONIC, GOOD_FOR_USEC, 1, on_expiry, listing);
}

/* Answers one who looks for a name with what is known. Returns FALSE if it is not known yet. */
static gboolean serve_name(Walks *walks, const Waiter *waiter) {
        Listing *listing = &walks->listings[WALK_NAMES];
        Machine *machine = walks->service->machine;
        const char *control_group;
        int r = -ENOENT;

        if (!listing->units)
                return FALSE;

        control_group = unit_list_find(listing->units, waiter->name);
        if (control_group)
                r = waiter->found(walks->service, waiter->message, 0, control_group);
        if (r == -ENOENT && waiter->since_usec > listing->began_usec)
                return FALSE;
        if (r == -ENOENT)
                r = waiter->found(walks->service,
                                  waiter->message,
                                  machine_blame(machine, -ENOENT, "%s", waiter->name),
                                  NULL);

        return TRUE;
}

static void fail_all(Walks *walks, WalkKind kind, int r) {
        Waiter *waiter;

        while ((waiter = waiters_take(&walks->waiters, kind == WALK_NAMES))) {
                if (waiter->name)
                        (void) waiter->found(walks->service, waiter->message, r, NULL);
                else
                        (void) failure_reply(walks->service->machine, r, waiter->message);
                waiter_free(waiter);
        }
}

/* A reply was sent. */
static void note_sent(Walks *walks) {
        const size_t size = unit_list_size(walks->reply.units);

        listed_unsent_add(&walks->unsent, size);
        handouts_add(walks->service->handouts, walks->reply_uid, size);
}

/* Goes on with the reply that is being written; 'r' is what became of it so far. */
static void write_on(Walks *walks, int r) {
        if (r >= 0)
                r = listed_reply_go_on(&walks->reply, machine_now_usec() + SLICE_USEC);
        if (r == 0)
                note_sent(walks);
        if (r < 0)
                (void) failure_reply(walks->service->machine, r, walks->reply.call);
        if (r <= 0)
                listed_reply_done(&walks->reply);
}

/* Begins to answer one who wants the list, unless there is none, or too much of what others got is ours to
 * hold still. */
static gboolean serve_list(Walks *walks, const Waiter *waiter) {
        UnitList *units = walks->listings[WALK_UNITS].units;

        if (!units || !listed_unsent_has_room(&walks->unsent, waiter->message, unit_list_size(units)))
                return FALSE;

        walks->reply_uid = waiter->uid;
        write_on(walks, listed_reply_begin(waiter->message, units, &walks->reply));
        return TRUE;
}

static gboolean serve(void *userdata, const Waiter *waiter) {
        return waiter->name ? serve_name(userdata, waiter) : serve_list(userdata, waiter);
}

static void walks_finish(Walks *walks, int r) {
        Listing *listing = &walks->listings[walks->kind];

        if (r >= 0)
                r = listing_keep(listing, walks->service->event, walks->units, walks->began_usec);
        walks->walk = walk_free(walks->walk);
        walks->units = unit_list_unref(walks->units);
        if (r < 0) {
                listing_forget(listing); /* it may be there, and would never expire */
                fail_all(walks, walks->kind, r);
        }
}

/* Whether anybody waits for another walk, where nobody can be served with what is known. */
static gboolean is_wanted(const Walks *walks, WalkKind kind) {
        return waiters_has(&walks->waiters, kind == WALK_NAMES) &&
                (kind == WALK_NAMES || !walks->listings[kind].units);
}

/* Returns 1, 0 if nobody waits for a walk, or an error. */
static int walks_begin(Walks *walks) {
        WalkKind other = walks->kind == WALK_NAMES ? WALK_UNITS : WALK_NAMES;
        int r;

        /* In turns, where both are waited for. */
        if (is_wanted(walks, other))
                walks->kind = other;
        else if (!is_wanted(walks, walks->kind))
                return 0;

        walks->began_usec = machine_now_usec();
        walks->units = unit_list_new();
        r = walk_new(walks->service->machine, walks->kind, &walks->walk);
        return r < 0 ? r : 1;
}

static int walks_add(Walks *walks, const WalkGroup *group) {
        _cleanup_free_ char *object_path = NULL;
        int r;

        if (!group->unit)
                return 0;

        r = label_from_control_group(group->path, &object_path);
        if (r < 0)
                return r;
        /* Nobody can name what lies that deep, nor can D-Bus. */
        if (strlen(object_path) > OBJECT_PATH_MAX)
                return 0;

        return unit_list_add(walks->units,
                             &(ListedUnit) {
                                     .limit = group->limit,
                                     .usage = group->usage,
                                     .working_set = group->working_set,
                                     .available = group->available,
                             },
                             group->unit,
                             walks->kind == WALK_NAMES ? group->path : object_path);
}

/* Walks on for one slice of time. Returns 1 if there is more, 0 at the end, or an error. */
static int walks_go_on(Walks *walks) {
        uint64_t until_usec = machine_now_usec() + SLICE_USEC;
        WalkGroup group;
        int r;

        do {
                r = walk_next(walks->walk, &group);
                if (r <= 0)
                        return r;
                r = walks_add(walks, &group);
                if (r < 0)
                        return r;
        } while (machine_now_usec() < until_usec);

        return 1;
}

/* Does a piece of what there is to do. Returns FALSE if nothing could be done. */
static gboolean walks_work(Walks *walks) {
        int r = 1;

        if (walks->reply.call) {
                write_on(walks, 0);
                return TRUE;
        }
        if (waiters_serve(&walks->waiters, serve, walks))
                return TRUE;

        if (!walks->walk) {
                r = walks_begin(walks);
                if (r == 0)
                        return FALSE;
        }
        if (r > 0)
                r = walks_go_on(walks);
        if (r <= 0)
                walks_finish(walks, r);
        return TRUE;
}

static int on_rest(sd_event_source *source, uint64_t usec, void *userdata) {
        Walks *walks = userdata;

        (void) source;
        (void) usec;

        (void) turn_begin(walks->work);
        return 0;
}

/* Those who are left wait until the bus has taken what others got, which nobody tells. */
static void walks_rest(Walks *walks) {
        if (sd_event_source_set_time_relative(walks->rest, REST_USEC) >= 0 &&
            sd_event_source_set_enabled(walks->rest, SD_EVENT_ONESHOT) >= 0)
                (void) turn_end(walks->work);
}

static uint32_t count_calls(const Service *service) {
        return service->n_messages + service->n_answers;
}

/* While there are calls that are answered at once, or refused, half of the time is for them: a slice takes
 * as long as hundreds, of which only one would have its turn between two of ours. */
static gboolean others_are_due(Walks *walks) {
        const uint32_t n = count_calls(walks->service);
        const gboolean is_quiet = n == walks->n_seen;

        walks->n_seen = n;
        return !is_quiet && machine_now_usec() < walks->next_usec;
}

static int on_work(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Walks *walks = userdata;
        gboolean is_done;

        (void) fd;
        (void) events;

        service_yield_to_bus(walks->service);
        if (others_are_due(walks))
                return 0;

        service_begin_work(walks->service);
        is_done = walks_work(walks);
        walks->n_seen = count_calls(walks->service);
        walks->next_usec = machine_now_usec() + SLICE_USEC;
        /* An error here would switch the source off. */
        if (is_done)
                return 0;
        if (waiters_is_empty(&walks->waiters))
                (void) turn_end(source);
        else
                walks_rest(walks);
        return 0;
}

Walks *walks_new(Service *service) {
        Walks *walks;

        assert(service);

        walks = g_new0(Walks, 1);
        walks->service = service;
        waiters_init(&walks->waiters);
        return walks;
}

Walks *walks_free(Walks *walks) {
        if (!walks)
                return NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(walks->listings); i++)
                listing_forget(&walks->listings[i]);
        waiters_done(&walks->waiters);
        listed_reply_done(&walks->reply);
        walk_free(walks->walk);
        unit_list_unref(walks->units);
        sd_event_source_disable_unref(walks->rest);
        sd_event_source_disable_unref(walks->work);
        g_free(walks);
        return NULL;
}

static int walks_enable(Walks *walks) {
        int r = 0;

        if (!walks->rest)
                r = sd_event_add_time(
                        walks->service->event, &walks->rest, CLOCK_MONOTONIC, 0, 1, on_rest, walks);
        if (r >= 0)
                r = sd_event_source_set_enabled(walks->rest, SD_EVENT_OFF);
        if (r >= 0 && !walks->work)
                r = turn_new(walks->service->event, on_work, walks, &walks->work);
        return r < 0 ? r : turn_begin(walks->work);
}

/* A message that waits; who sent it is whom the bus named, or nobody. */
static int walks_wait(Walks *walks, sd_bus_message *message, const char *name, WalksFound found) {
        const Caller *caller = walks->service->caller;
        Waiter *waiter;
        int r;

        r = walks_enable(walks);
        if (r < 0)
                return r;

        waiter = waiter_new(message, caller ? caller->uid : CALLER_NOBODY, name, found);
        r = waiters_add(&walks->waiters, waiter);
        if (r < 0) {
                waiter_free(waiter);
                return r;
        }

        return 1;
}

int walks_list(Walks *walks, sd_bus_message *message) {
        const Caller *caller;

        assert(walks);
        assert(message);

        caller = walks->service->caller;
        if (caller && !handouts_may_have(walks->service->handouts, caller->uid))
                return -ERROR_LIMITS_EXCEEDED;

        return walks_wait(walks, message, NULL, NULL);
}

int walks_find(Walks *walks, sd_bus_message *message, const char *name, WalksFound done) {
        assert(walks);
        assert(message);
        assert(name);
        assert(done);

        if (!unit_name_is_valid(name, strlen(name)))
                return machine_blame(walks->service->machine, -ENOENT, "%s", name);
        if (strcmp(name, UNIT_NAME_ROOT_SLICE) == 0)
                return done(walks->service, message, 0, "/");

        return walks_wait(walks, message, name, done);
}
