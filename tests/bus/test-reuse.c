/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The number of a caller on the bus is another process's by the time it is used: a thousand times at each
 * point between the caller's first message and the reading of its figures. */

#include <glib.h>
#include <signal.h>
#include <stdbool.h>

#include "child.h"
#include "client.h"
#include "namespace.h"
#include "reuse.h"
#include "stage.h"

static void run(Stage *stage, void (*round)(Reuse *reuse, void *userdata)) {
        Reuse reuse;

        if (reuse_begin(&reuse, stage->bus->address))
                reuse_run(&reuse, round, stage);
}

/* Waits until the bus has seen all that was sent by that connection. */
static void pass_on(sd_bus *client) {
        int r = sd_bus_call_method(client,
                                   "org.freedesktop.DBus",
                                   "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus",
                                   "GetId",
                                   NULL,
                                   NULL,
                                   NULL);

        g_assert_cmpint(r, >=, 0);
}

static void test_known(Stage *stage, const void *data) {
        (void) data;
        run(stage, reuse_known);
}

/* It finds both at once: the end of the caller, and a call that came before it. */
static void queued(Reuse *reuse, void *userdata) {
        Stage *stage = userdata;

        reuse_connect(reuse);
        reuse_ask(reuse);
        reuse_check_own(reuse);
        child_stop(stage->service->pid);
        reuse_ask(reuse);
        pass_on(reuse->client);
        reuse_number(reuse);
        child_continue(stage->service->pid);
        reuse_check_nobody(reuse);
}

static void test_queued(Stage *stage, const void *data) {
        (void) data;
        run(stage, queued);
}

/* It has asked the bus who that is, and the bus answers with a number that is another's by now. */
static void asked(Reuse *reuse, void *userdata) {
        Stage *stage = userdata;
        pid_t bus = private_bus_program(stage->bus);
        pid_t younger = 0;
        bool is_asked;

        reuse_connect(reuse);
        /* It may be the youngest process when the service asks, or not. */
        if (reuse->number % 2 == 0)
                younger = nursery_bear(&reuse->openers);
        child_stop(stage->service->pid);
        reuse_ask(reuse);
        pass_on(reuse->client);
        child_stop(bus);
        child_continue(stage->service->pid);
        /* dbus-broker may not have written the call to the service yet. Then it is no such round. */
        is_asked = service_has_unread(stage->service);
        if (is_asked)
                reuse_number(reuse);
        g_assert_cmpint(kill(bus, SIGCONT), ==, 0);
        if (is_asked)
                reuse_check_nobody(reuse);
        else
                reuse_check_own(reuse);
        if (younger > 0)
                nursery_bury(&reuse->openers, younger);
}

static void test_asked(Stage *stage, const void *data) {
        (void) data;
        run(stage, asked);
}

static void test_racing(Stage *stage, const void *data) {
        (void) data;
        run(stage, reuse_racing);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/reuse/known", test_known);
        stage_add("/reuse/queued", test_queued);
        stage_add("/reuse/asked", test_asked);
        stage_add("/reuse/racing", test_racing);

        return namespace_main(stage_run);
}
