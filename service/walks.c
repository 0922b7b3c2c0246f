/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "failure-reply.h"
#include "label.h"
#include "listed.h"
#include "turn.h"
#include "unit-name.h"
#include "walk.h"
#include "walks.h"

#define SLICE_USEC UINT64_C(5000)
#define GOOD_FOR_USEC UINT64_C(1000000)
#define WAITING_MAX 256           /* calls that wait for walks */
#define WAITING_PER_SENDER_MAX 16 /* and those of one sender */

/* What one walk may find, in bytes: twice what ten thousand units take with paths as systemd makes them.
 * Groups are anybody's to make, who has been delegated one, and as many and as deep as they like. */
#define UNITS_SIZE_MAX ((size_t) 8 * 1024 * 1024)

typedef struct Waiter {
        sd_bus_message *message;
        uint64_t since_usec;
        char *name;       /* of the unit that is looked for; NULL if all are asked for */
        WalksFound found; /* with a name */
} Waiter;

/* All about one kind of walk: who waits for it, and what the last one found. */
typedef struct Listing {
        GQueue waiting;      /* Waiter * */
        GPtrArray *units;    /* ListedUnit *, while it is good; NULL otherwise */
        GHashTable *by_name; /* of the same, once a name was looked for */
        uint64_t began_usec; /* when the walk that found them began */
        sd_event_source *expiry;
} Listing;

struct Walks {
        Service *service;
        sd_event_source *work; /* a turn.h, while there is any */
        Listing listings[2];   /* by WalkKind */
        ListedReply reply;     /* the one that is being written, if any */

        /* The walk that is under way; NULL if none is. */
        Walk *walk;
        WalkKind kind;
        uint64_t began_usec;
        GPtrArray *units;
        size_t units_size;
};

static void waiter_free(void *pointer) {
        Waiter *waiter = pointer;

        sd_bus_message_unref(waiter->message);
        g_free(waiter->name);
        g_free(waiter);
}

static void listing_forget(Listing *listing) {
        listing->expiry = sd_event_source_disable_unref(listing->expiry);
        g_clear_pointer(&listing->by_name, g_hash_table_unref);
        g_clear_pointer(&listing->units, g_ptr_array_unref);
}

static int on_expiry(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;

        listing_forget(userdata);
        return 0;
}

static int listing_keep(Listing *listing, sd_event *event, GPtrArray *units, uint64_t began_usec) {
        listing_forget(listing);

        listing->units = g_ptr_array_ref(units);
        listing->began_usec = began_usec;
        return sd_event_add_time_relative(
                event, &listing->expiry, CLOCK_MONOTONIC, GOOD_FOR_USEC, 1, on_expiry, listing);
}

/* Finds a unit that is listed, the first of that name; NULL if there is none. */
static const ListedUnit *listing_find(Listing *listing, const char *name) {
        if (!listing->by_name) {
                listing->by_name = g_hash_table_new(g_str_hash, g_str_equal);
                for (guint i = listing->units->len; i > 0; i--) {
                        ListedUnit *unit = g_ptr_array_index(listing->units, i - 1);

                        g_hash_table_replace(listing->by_name, unit->unit, unit);
                }
        }

        return g_hash_table_lookup(listing->by_name, name);
}

/* Answers one who looks for a name with what is known. Returns FALSE if it is not known yet. */
static gboolean serve_name(Walks *walks, Listing *listing, const Waiter *waiter, gboolean is_final) {
        Machine *machine = walks->service->machine;
        const ListedUnit *unit = listing_find(listing, waiter->name);
        int r = -ENOENT;

        if (unit)
                r = waiter->found(walks->service, waiter->message, 0, unit->control_group);
        if (r == -ENOENT && !is_final)
                return FALSE;
        if (r == -ENOENT)
                r = waiter->found(walks->service,
                                  waiter->message,
                                  machine_blame(machine, -ENOENT, "%s", waiter->name),
                                  NULL);

        return TRUE;
}

static void fail_all(Walks *walks, Listing *listing, int r) {
        Waiter *waiter;

        while ((waiter = g_queue_pop_head(&listing->waiting))) {
                if (waiter->name)
                        (void) waiter->found(walks->service, waiter->message, r, NULL);
                else
                        (void) failure_reply(walks->service->machine, r, waiter->message);
                waiter_free(waiter);
        }
}

/* Goes on with the reply that is being written; 'r' is what became of it so far. */
static void write_on(Walks *walks, int r) {
        if (r >= 0)
                r = listed_reply_go_on(&walks->reply, machine_now_usec() + SLICE_USEC);
        if (r < 0)
                (void) failure_reply(walks->service->machine, r, walks->reply.call);
        if (r <= 0)
                listed_reply_done(&walks->reply);
}

/* Answers one of those who wait, or a part of that. Returns FALSE if nobody can be answered with what is
 * known. */
static gboolean serve_one(Walks *walks) {
        if (walks->reply.call) {
                write_on(walks, 0);
                return TRUE;
        }

        for (size_t kind = 0; kind < G_N_ELEMENTS(walks->listings); kind++) {
                Listing *listing = &walks->listings[kind];

                if (!listing->units)
                        continue;
                for (GList *link = listing->waiting.head; link; link = link->next) {
                        Waiter *waiter = link->data;

                        if (!waiter->name)
                                write_on(walks,
                                         listed_reply_begin(waiter->message, listing->units, &walks->reply));
                        else if (!serve_name(
                                         walks, listing, waiter, waiter->since_usec <= listing->began_usec))
                                continue;
                        g_queue_delete_link(&listing->waiting, link);
                        waiter_free(waiter);
                        return TRUE;
                }
        }

        return FALSE;
}

static void walks_finish(Walks *walks, int r) {
        Listing *listing = &walks->listings[walks->kind];

        if (r >= 0)
                r = listing_keep(listing, walks->service->event, walks->units, walks->began_usec);
        walks->walk = walk_free(walks->walk);
        g_clear_pointer(&walks->units, g_ptr_array_unref);
        if (r < 0) {
                listing_forget(listing); /* it may be there, and would never expire */
                fail_all(walks, listing, r);
        }
}

static int walks_begin(Walks *walks) {
        WalkKind other = walks->kind == WALK_NAMES ? WALK_UNITS : WALK_NAMES;

        /* In turns, where both are waited for. */
        if (walks->listings[other].waiting.length > 0)
                walks->kind = other;
        walks->began_usec = machine_now_usec();
        walks->units = g_ptr_array_new_with_free_func(listed_unit_free);
        walks->units_size = 0;
        return walk_new(walks->service->machine, walks->kind, &walks->walk);
}

static int walks_add(Walks *walks, const WalkGroup *group) {
        _cleanup_free_ char *object_path = NULL;
        ListedUnit *unit;
        int r;

        if (!group->unit)
                return 0;

        r = label_from_control_group(group->path, &object_path);
        if (r < 0)
                return r;
        /* Nobody can name what lies that deep, nor can D-Bus. */
        if (strlen(object_path) > OBJECT_PATH_MAX)
                return 0;

        walks->units_size += sizeof(*unit) + strlen(group->unit) + strlen(group->path) + strlen(object_path);
        if (walks->units_size > UNITS_SIZE_MAX)
                return -ERROR_LIMITS_EXCEEDED;

        unit = g_new(ListedUnit, 1);
        *unit = (ListedUnit) {
                .unit = g_strdup(group->unit),
                .control_group = g_strdup(group->path),
                .object_path = take_ptr(&object_path),
                .limit = group->limit,
                .usage = group->usage,
                .working_set = group->working_set,
                .available = group->available,
        };
        g_ptr_array_add(walks->units, unit);
        return 0;
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

static gboolean walks_has_work(const Walks *walks) {
        return walks->walk || walks->reply.call || walks->listings[WALK_UNITS].waiting.length > 0 ||
                walks->listings[WALK_NAMES].waiting.length > 0;
}

static int on_work(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Walks *walks = userdata;
        int r = 1;

        (void) fd;
        (void) events;

        service_yield_to_bus(walks->service);
        service_begin_work(walks->service);
        if (!serve_one(walks) && walks_has_work(walks)) {
                if (!walks->walk)
                        r = walks_begin(walks);
                if (r >= 0)
                        r = walks_go_on(walks);
                if (r <= 0)
                        walks_finish(walks, r);
        }

        /* An error here would switch the source off. */
        if (!walks_has_work(walks))
                (void) turn_end(source);
        return 0;
}

Walks *walks_new(Service *service) {
        Walks *walks;

        assert(service);

        walks = g_new0(Walks, 1);
        walks->service = service;
        g_queue_init(&walks->listings[WALK_UNITS].waiting);
        g_queue_init(&walks->listings[WALK_NAMES].waiting);
        return walks;
}

Walks *walks_free(Walks *walks) {
        if (!walks)
                return NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(walks->listings); i++) {
                listing_forget(&walks->listings[i]);
                g_queue_clear_full(&walks->listings[i].waiting, waiter_free);
        }
        listed_reply_done(&walks->reply);
        walk_free(walks->walk);
        g_clear_pointer(&walks->units, g_ptr_array_unref);
        sd_event_source_disable_unref(walks->work);
        g_free(walks);
        return NULL;
}

static gboolean has_room(const Walks *walks, sd_bus_message *message) {
        const char *sender = sd_bus_message_get_sender(message);
        guint n = 0, n_of_sender = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(walks->listings); i++)
                for (const GList *link = walks->listings[i].waiting.head; link; link = link->next) {
                        const Waiter *waiter = link->data;

                        n++;
                        n_of_sender += g_strcmp0(sd_bus_message_get_sender(waiter->message), sender) == 0;
                }

        return n < WAITING_MAX && n_of_sender < WAITING_PER_SENDER_MAX;
}

static int walks_enable(Walks *walks) {
        int r;

        if (!walks->work) {
                r = turn_new(walks->service->event, on_work, walks, &walks->work);
                if (r < 0)
                        return r;
        }

        return turn_begin(walks->work);
}

/* Takes the waiter, also when it fails. */
static int walks_wait(Walks *walks, WalkKind kind, Waiter *waiter) {
        int r;

        r = has_room(walks, waiter->message) ? walks_enable(walks) : -ERROR_LIMITS_EXCEEDED;
        if (r < 0) {
                waiter_free(waiter);
                return r;
        }

        g_queue_push_tail(&walks->listings[kind].waiting, waiter);
        return 1;
}

int walks_list(Walks *walks, sd_bus_message *message) {
        Waiter *waiter;

        assert(walks);
        assert(message);

        waiter = g_new(Waiter, 1);
        *waiter = (Waiter) { .message = sd_bus_message_ref(message), .since_usec = machine_now_usec() };
        return walks_wait(walks, WALK_UNITS, waiter);
}

int walks_find(Walks *walks, sd_bus_message *message, const char *name, WalksFound done) {
        Waiter *waiter;

        assert(walks);
        assert(message);
        assert(name);
        assert(done);

        if (!unit_name_is_valid(name, strlen(name)))
                return machine_blame(walks->service->machine, -ENOENT, "%s", name);
        if (strcmp(name, UNIT_NAME_ROOT_SLICE) == 0)
                return done(walks->service, message, 0, "/");

        waiter = g_new(Waiter, 1);
        *waiter = (Waiter) {
                .message = sd_bus_message_ref(message),
                .since_usec = machine_now_usec(),
                .name = g_strdup(name),
                .found = done,
        };
        return walks_wait(walks, WALK_NAMES, waiter);
}
