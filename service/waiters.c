/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>

#include "caller.h"
#include "failure-reply.h"
#include "machine.h"
#include "waiters.h"

#define WAITING_MAX 256           /* calls that wait for walks */
#define WAITING_PER_USER_MAX 64   /* and those of one user */
#define WAITING_PER_SENDER_MAX 16 /* and those of one connection */

void waiters_init(Waiters *waiters) {
        assert(waiters);

        g_queue_init(&waiters->queue);
        waiters->served = CALLER_NOBODY;
}

static void destroy(void *pointer) {
        waiter_free(pointer);
}

void waiters_done(Waiters *waiters) {
        assert(waiters);

        g_queue_clear_full(&waiters->queue, destroy);
}

Waiter *waiter_new(sd_bus_message *message, uid_t uid, const char *name, WalksFound found) {
        Waiter *waiter;

        assert(message);
        assert(!name == !found);

        waiter = g_new(Waiter, 1);
        *waiter = (Waiter) {
                .message = sd_bus_message_ref(message),
                .uid = uid,
                .since_usec = machine_now_usec(),
                .name = g_strdup(name),
                .found = found,
        };
        return waiter;
}

void waiter_free(Waiter *waiter) {
        assert(waiter);

        sd_bus_message_unref(waiter->message);
        g_free(waiter->name);
        g_free(waiter);
}

static gboolean has_room(const Waiters *waiters, const Waiter *newcomer) {
        const char *sender = sd_bus_message_get_sender(newcomer->message);
        guint n_of_user = 0, n_of_sender = 0;

        for (const GList *link = waiters->queue.head; link; link = link->next) {
                const Waiter *waiter = link->data;

                n_of_user += waiter->uid == newcomer->uid;
                n_of_sender += g_strcmp0(sd_bus_message_get_sender(waiter->message), sender) == 0;
        }

        return waiters->queue.length < WAITING_MAX && n_of_user < WAITING_PER_USER_MAX &&
                n_of_sender < WAITING_PER_SENDER_MAX;
}

int waiters_add(Waiters *waiters, Waiter *waiter) {
        assert(waiters);
        assert(waiter);

        if (!has_room(waiters, waiter))
                return -ERROR_LIMITS_EXCEEDED;

        g_queue_push_tail(&waiters->queue, waiter);
        return 0;
}

/* Offers those of the user whose turn was last, or those of all others. */
static gboolean serve_some(Waiters *waiters,
                           gboolean of_last,
                           gboolean (*serve)(void *userdata, const Waiter *waiter),
                           void *userdata) {
        for (GList *link = waiters->queue.head; link; link = link->next) {
                Waiter *waiter = link->data;

                if ((waiter->uid == waiters->served) != of_last || !serve(userdata, waiter))
                        continue;
                waiters->served = waiter->uid;
                g_queue_delete_link(&waiters->queue, link);
                waiter_free(waiter);
                return TRUE;
        }

        return FALSE;
}

gboolean waiters_serve(Waiters *waiters,
                       gboolean (*serve)(void *userdata, const Waiter *waiter),
                       void *userdata) {
        assert(waiters);
        assert(serve);

        return serve_some(waiters, FALSE, serve, userdata) || serve_some(waiters, TRUE, serve, userdata);
}

static GList *find(const Waiters *waiters, gboolean has_name) {
        for (GList *link = waiters->queue.head; link; link = link->next)
                if (!((const Waiter *) link->data)->name == !has_name)
                        return link;

        return NULL;
}

Waiter *waiters_take(Waiters *waiters, gboolean has_name) {
        Waiter *waiter;
        GList *link;

        assert(waiters);

        link = find(waiters, has_name);
        if (!link)
                return NULL;

        waiter = link->data;
        g_queue_delete_link(&waiters->queue, link);
        return waiter;
}

gboolean waiters_has(const Waiters *waiters, gboolean has_name) {
        assert(waiters);

        return find(waiters, has_name) != NULL;
}
