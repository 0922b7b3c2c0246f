/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "end.h"
#include "failure-reply.h"
#include "waiters.h"

#define OF_ALL_MAX 256
#define OF_USER_MAX 64
#define OF_SENDER_MAX 16

/* A connection that goes nowhere, to make messages with. */
static sd_bus *open_bus(void) {
        sd_bus *bus;
        int fds[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
        bus = end_new(fds[0], false);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        close(fds[1]);
        return bus;
}

static int found(Service *service, sd_bus_message *message, int r, const char *path) {
        (void) service, (void) message, (void) r, (void) path;

        return 0;
}

/* One more call of that user, from that connection. Returns what became of it. */
static int add(Waiters *waiters, sd_bus *bus, uid_t uid, unsigned sender, const char *name) {
        g_autofree char *text = g_strdup_printf(":1.%u", sender);
        sd_bus_message *message = NULL;
        Waiter *waiter;
        int r;

        g_assert_cmpint(sd_bus_message_new_method_call(bus, &message, "org.a", "/", "org.a", "A"), >=, 0);
        g_assert_cmpint(sd_bus_message_set_sender(message, text), >=, 0);
        waiter = waiter_new(message, uid, name, name ? found : NULL);
        sd_bus_message_unref(message);
        r = waiters_add(waiters, waiter);
        if (r < 0)
                waiter_free(waiter);
        return r;
}

/* Adds until there is no room, with so many connections. Returns how many there was room for. */
static unsigned fill(Waiters *waiters, sd_bus *bus, uid_t uid, unsigned n_senders) {
        unsigned n = 0;
        int r = 0;

        for (unsigned sender = 0; sender < n_senders; sender++)
                for (r = 0; r == 0; n += r == 0)
                        r = add(waiters, bus, uid, uid * 1000 + sender, NULL);
        g_assert_cmpint(r, ==, -ERROR_LIMITS_EXCEEDED);
        return n;
}

static void test_bounds(void) {
        sd_bus *bus = open_bus();
        Waiters waiters;

        waiters_init(&waiters);
        g_assert_true(waiters_is_empty(&waiters));
        g_assert_cmpuint(fill(&waiters, bus, 1, 1), ==, OF_SENDER_MAX);
        g_assert_cmpint(add(&waiters, bus, 1, 7, NULL), ==, 0);
        g_assert_cmpuint(fill(&waiters, bus, 1, 10), ==, OF_USER_MAX - OF_SENDER_MAX - 1);
        g_assert_cmpint(add(&waiters, bus, 1, 99, "a.service"), ==, -ERROR_LIMITS_EXCEEDED);
        /* Others have theirs. */
        for (uid_t uid = 2; uid <= OF_ALL_MAX / OF_USER_MAX; uid++)
                g_assert_cmpuint(fill(&waiters, bus, uid, 10), ==, OF_USER_MAX);
        g_assert_cmpint(add(&waiters, bus, 99, 99, NULL), ==, -ERROR_LIMITS_EXCEEDED);
        g_assert_false(waiters_is_empty(&waiters));
        waiters_done(&waiters);
        sd_bus_close_unref(bus);
}

/* The name that is served, appended to a text; what is asked for without a name is not. */
static gboolean serve(void *userdata, const Waiter *waiter) {
        if (!waiter->name)
                return FALSE;

        g_string_append(userdata, waiter->name);
        return TRUE;
}

static void check_served(Waiters *waiters, const char *expected) {
        g_autoptr(GString) served = g_string_new(NULL);

        while (waiters_serve(waiters, serve, served))
                ;
        g_assert_cmpstr(served->str, ==, expected);
}

/* Whoever has much waiting, others have every second turn; and each user's own calls stay in order. */
static void test_turns(void) {
        sd_bus *bus = open_bus();
        Waiters waiters;

        waiters_init(&waiters);
        for (unsigned i = 0; i < 5; i++) {
                const char name[] = { (char) ('a' + i), '\0' };

                g_assert_cmpint(add(&waiters, bus, 1, i, name), ==, 0);
        }
        g_assert_cmpint(add(&waiters, bus, 1, 0, NULL), ==, 0);
        g_assert_cmpint(add(&waiters, bus, 2, 20, "x"), ==, 0);
        g_assert_cmpint(add(&waiters, bus, 3, 30, "y"), ==, 0);
        g_assert_cmpint(add(&waiters, bus, 2, 20, "z"), ==, 0);
        check_served(&waiters, "axbyczde");

        g_assert_false(waiters_is_empty(&waiters));
        g_assert_true(waiters_has(&waiters, FALSE));
        g_assert_false(waiters_has(&waiters, TRUE));
        waiters_done(&waiters);
        sd_bus_close_unref(bus);
}

static void test_take(void) {
        sd_bus *bus = open_bus();
        Waiters waiters;
        Waiter *waiter;

        waiters_init(&waiters);
        g_assert_cmpint(add(&waiters, bus, 1, 1, NULL), ==, 0);
        g_assert_cmpint(add(&waiters, bus, 1, 1, "a"), ==, 0);
        waiter = waiters_take(&waiters, TRUE);
        g_assert_nonnull(waiter);
        g_assert_cmpstr(waiter->name, ==, "a");
        waiter_free(waiter);
        g_assert_null(waiters_take(&waiters, TRUE));
        waiter = waiters_take(&waiters, FALSE);
        g_assert_nonnull(waiter);
        g_assert_null(waiter->name);
        waiter_free(waiter);
        g_assert_true(waiters_is_empty(&waiters));
        waiters_done(&waiters);
        sd_bus_close_unref(bus);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/waiters/bounds", test_bounds);
        g_test_add_func("/waiters/turns", test_turns);
        g_test_add_func("/waiters/take", test_take);
        return g_test_run();
}
