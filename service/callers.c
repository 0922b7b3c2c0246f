/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "callers.h"
#include "cleanup.h"
#include "credentials.h"
#include "descriptors.h"
#include "failure-reply.h"

#define KEPT_MAX 512    /* callers that are remembered, each with two descriptors */
#define LOOKUPS_MAX 256 /* questions to the driver at a time */
#define WAITING_MAX 64  /* calls of one sender that wait for the driver's answer */
#define WAITING_BYTES_MAX ((size_t) 8 * 1024 * 1024) /* of the calls of all */
#define LOOKUP_TIMEOUT_USEC UINT64_C(1000000)        /* of a bus that is silent otherwise, too */
#define LOOKUP_BUSY_USEC UINT64_C(10000000)
#define LOOKUP_MAX_USEC UINT64_C(25000000)

typedef struct KeptCaller {
        Caller *caller;
        char *sender;
        GList link; /* in Callers.recent */
} KeptCaller;

/* One question to the driver, and the calls that wait for its answer. */
typedef struct Lookup {
        Callers *callers;
        char *sender;
        GQueue waiting; /* sd_bus_message *, referenced */
        size_t n_bytes; /* of these */
        sd_bus_slot *slot;
        sd_event_source *timeout;
        uint64_t number;     /* counts the questions */
        uint64_t began_usec; /* CLOCK_MONOTONIC */
        Moment began;
} Lookup;

struct Callers {
        sd_event *event;
        Machine *machine;
        sd_bus *bus;
        GHashTable *kept;    /* sender → KeptCaller */
        GQueue recent;       /* of the same, the one that called last first */
        GHashTable *lookups; /* sender → Lookup */
        size_t n_bytes;      /* of the calls for which they are made */
        GHashTable *ready;   /* message that was put back → Caller, both referenced: the caller may be
                                forgotten meanwhile, and no other message is to be taken for this one */
        uint64_t heard_usec; /* when the bus gave a sign of life last */
        uint64_t n_asked;
        uint64_t answered_number; /* the question that the driver answered last */
        uint64_t answered_usec;   /* and when */
};

static void kept_free(void *pointer) {
        KeptCaller *kept = pointer;

        caller_unref(kept->caller);
        g_free(kept->sender);
        g_free(kept);
}

static void callers_forget(Callers *callers, KeptCaller *kept) {
        g_queue_unlink(&callers->recent, &kept->link);
        g_hash_table_remove(callers->kept, kept->sender);
}

static void message_destroy(void *pointer) {
        sd_bus_message_unref(pointer);
}

static void caller_destroy(void *pointer) {
        caller_unref(pointer);
}

static void lookup_free(void *pointer) {
        Lookup *lookup = pointer;

        lookup->callers->n_bytes -= lookup->n_bytes;
        sd_bus_slot_unref(lookup->slot);
        sd_event_source_disable_unref(lookup->timeout);
        g_queue_clear_full(&lookup->waiting, message_destroy);
        moment_done(&lookup->began);
        g_free(lookup->sender);
        g_free(lookup);
}

Callers *callers_new(sd_event *event, Machine *machine, sd_bus *bus) {
        Callers *callers;

        assert(event);
        assert(machine);
        assert(bus);

        callers = g_new0(Callers, 1);
        callers->event = sd_event_ref(event);
        callers->machine = machine;
        callers->bus = bus;
        callers->kept = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, kept_free);
        callers->lookups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lookup_free);
        callers->ready = g_hash_table_new_full(NULL, NULL, message_destroy, caller_destroy);
        g_queue_init(&callers->recent);

        return callers;
}

Callers *callers_free(Callers *callers) {
        if (!callers)
                return NULL;

        g_hash_table_unref(callers->lookups);
        g_hash_table_unref(callers->ready);
        g_hash_table_unref(callers->kept);
        sd_event_unref(callers->event);
        g_free(callers);
        return NULL;
}

static void callers_keep(Callers *callers, const char *sender, Caller *caller) {
        KeptCaller *kept;

        if (callers->recent.length >= KEPT_MAX)
                callers_forget(callers, g_queue_peek_tail(&callers->recent));

        kept = g_new0(KeptCaller, 1);
        kept->caller = caller_ref(caller);
        kept->sender = g_strdup(sender);
        kept->link.data = kept;
        g_queue_push_head_link(&callers->recent, &kept->link);
        g_hash_table_insert(callers->kept, kept->sender, kept);
}

/* Puts the calls that waited back into the queue; each carries the answer along, whatever is forgotten until
 * then. */
static void lookup_finish(Lookup *lookup, Caller *caller) {
        Callers *callers = lookup->callers;
        sd_bus_message *message;

        while ((message = g_queue_pop_head(&lookup->waiting))) {
                g_hash_table_insert(callers->ready, sd_bus_message_ref(message), caller_ref(caller));
                if (sd_bus_enqueue_for_read(callers->bus, message) < 0) {
                        g_hash_table_remove(callers->ready, message);
                        (void) failure_reply(callers->machine, -ERROR_LIMITS_EXCEEDED, message);
                }
                sd_bus_message_unref(message);
        }

        g_hash_table_remove(callers->lookups, lookup->sender);
}

/* What the driver says of a connection does not change; that it, or we, ran out of something may. */
static bool is_final(int r, sd_bus_message *reply) {
        return r == 0 || r == -ESRCH ||
                (r == -ERROR_UNKNOWN_CALLER &&
                 (!sd_bus_message_is_method_error(reply, NULL) ||
                  sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NAME_HAS_NO_OWNER)));
}

static int on_credentials(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        _cleanup_(caller_unrefp) Caller *caller = caller_new();
        Lookup *lookup = userdata;
        Callers *callers = lookup->callers;
        Credentials credentials;

        (void) error;

        callers->answered_number = lookup->number;
        callers->answered_usec = machine_now_usec();

        if (credentials_read(reply, &credentials) >= 0) {
                caller->uid = credentials.uid;
                (void) caller_find(caller,
                                   callers->event,
                                   callers->machine,
                                   credentials.pidfd,
                                   credentials.pid,
                                   &lookup->began);
                if (credentials.pidfd < 0)
                        (void) caller_check_user(caller, callers->machine);
        }
        if (is_final(caller->r, reply))
                callers_keep(callers, lookup->sender, caller);

        lookup_finish(lookup, caller);
        return 1;
}

/* Until when an answer may still come: a second of silence is enough. But the bus may be busy with the calls
 * of others; and the driver answers in the order in which it is asked, so that it is at work as long as it
 * answers what was asked before. Nobody who calls waits longer than D-Bus's own time-out. */
static uint64_t lookup_deadline(const Lookup *lookup) {
        const Callers *callers = lookup->callers;
        uint64_t until_usec;

        until_usec = MIN(callers->heard_usec + LOOKUP_TIMEOUT_USEC, lookup->began_usec + LOOKUP_BUSY_USEC);
        if (callers->answered_number < lookup->number)
                until_usec = MAX(until_usec, callers->answered_usec + LOOKUP_TIMEOUT_USEC);

        return MIN(until_usec, lookup->began_usec + LOOKUP_MAX_USEC);
}

/* The driver said nothing in time: those who wait are told, and the next call asks again. */
static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        Lookup *lookup = userdata;
        _cleanup_(caller_unrefp) Caller *caller = NULL;
        uint64_t until_usec;

        (void) usec;

        /* If it cannot be waited for, it is not. */
        until_usec = lookup_deadline(lookup);
        if (machine_now_usec() < until_usec && sd_event_source_set_time(source, until_usec) >= 0 &&
            sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) >= 0)
                return 0;

        caller = caller_new();
        lookup_finish(lookup, caller);
        return 0;
}

static int lookup_new(Callers *callers, const char *sender, Lookup **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        Lookup *lookup;
        int r;

        if (g_hash_table_size(callers->lookups) >= LOOKUPS_MAX)
                return -ERROR_LIMITS_EXCEEDED;

        r = sd_bus_message_new_method_call(callers->bus,
                                           &message,
                                           "org.freedesktop.DBus",
                                           "/org/freedesktop/DBus",
                                           "org.freedesktop.DBus",
                                           "GetConnectionCredentials");
        if (r >= 0)
                r = sd_bus_message_append(message, "s", sender);
        if (r < 0)
                return r;

        lookup = g_new0(Lookup, 1);
        lookup->callers = callers;
        lookup->sender = g_strdup(sender);
        lookup->number = ++callers->n_asked;
        lookup->began_usec = machine_now_usec();
        moment_begin(callers->machine, &lookup->began);
        g_queue_init(&lookup->waiting);

        r = sd_bus_call_async(callers->bus, &lookup->slot, message, on_credentials, lookup, UINT64_MAX);
        /* A time-out of sd-bus's own would be looked at before the replies that have arrived, and wait to be
         * read behind the calls of others. */
        if (r >= 0)
                r = sd_event_add_time_relative(callers->event,
                                               &lookup->timeout,
                                               CLOCK_MONOTONIC,
                                               LOOKUP_TIMEOUT_USEC,
                                               1,
                                               on_timeout,
                                               lookup);
        if (r < 0) {
                lookup_free(lookup);
                return r;
        }

        g_hash_table_insert(callers->lookups, lookup->sender, lookup);
        *ret = lookup;
        return 0;
}

static int callers_wait(Callers *callers, const char *sender, sd_bus_message *message, size_t size) {
        Lookup *lookup;
        int r;

        lookup = g_hash_table_lookup(callers->lookups, sender);
        if (!lookup) {
                r = lookup_new(callers, sender, &lookup);
                if (r < 0)
                        return r;
        }
        /* A message may come with descriptors, which are held as long as it waits. */
        if (lookup->waiting.length >= WAITING_MAX || callers->n_bytes + size > WAITING_BYTES_MAX ||
            descriptors_are_scarce())
                return -ERROR_LIMITS_EXCEEDED;

        lookup->n_bytes += size;
        callers->n_bytes += size;
        g_queue_push_tail(&lookup->waiting, sd_bus_message_ref(message));
        return 0;
}

void callers_hear(Callers *callers) {
        assert(callers);

        callers->heard_usec = machine_now_usec();
}

Caller *callers_take(Callers *callers, sd_bus_message *message) {
        void *key, *caller;

        assert(callers);
        assert(message);

        if (!g_hash_table_steal_extended(callers->ready, message, &key, &caller))
                return NULL;

        sd_bus_message_unref(key);
        return caller;
}

Caller *callers_recall(Callers *callers, const char *sender) {
        KeptCaller *kept;

        assert(callers);
        assert(sender);

        kept = g_hash_table_lookup(callers->kept, sender);
        if (!kept)
                return NULL;

        g_queue_unlink(&callers->recent, &kept->link);
        g_queue_push_head_link(&callers->recent, &kept->link);
        return caller_ref(kept->caller);
}

int callers_identify(Callers *callers, sd_bus_message *message, size_t size, Caller **ret) {
        const char *sender;

        assert(callers);
        assert(message);
        assert(ret);

        sender = sd_bus_message_get_sender(message);
        if (!sender)
                return -ERROR_UNKNOWN_CALLER;

        *ret = callers_recall(callers, sender);
        return *ret ? 1 : callers_wait(callers, sender, message, size);
}
