/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service, of which each system call fails in turn, or reads less than there is: whatever it is asked,
 * it answers with the right figures or with an error, in time, and never ends; and the next call is answered
 * as if nothing had been. */

#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asks.h"
#include "child.h"
#include "client.h"
#include "fault.h"
#include "filter.h"
#include "group.h"
#include "names.h"
#include "socket.h"
#include "supervisor.h"
#include "sweep.h"

#define LIMIT_USEC (2 * G_USEC_PER_SEC)
#define RECOVERED_USEC (10 * G_USEC_PER_SEC)
#define KEPT_MSEC 1100
#define COLD_SEC 60

/* What is kept open for who asks again comes and goes. What is lost, one with each fault, is more. */
#define DESCRIPTORS_MORE 40
#define SLOW_MAX 3

/* Of the faults, one in so many; even of all, it is one in so many where each takes more than a second. */
#define STRIDE 16
#define STRIDE_KEPT 400

typedef struct Trial {
        Socket *stage;
        Scene *scene;
        Fault *fault;
        Supervisor *supervisor;
        sd_bus *clients[2]; /* of the bus, and of the socket */
        const Ask *ask;
        bool is_cold; /* asked by somebody who has not been there before */
        size_t i;     /* at which of the two it is asked */
        unsigned descriptors;
        Sweep sweep;
} Trial;

static const char *address_of(const Trial *trial, size_t i) {
        return i == 0 ? trial->stage->bus->address : trial->stage->address;
}

/* A connection of whose socket sd-bus could not find out what it is passes no descriptors until its end. */
static bool passes_no_descriptors(const char *error) {
        return g_str_equal(error, MYMEM_ERROR_NOT_SUPPORTED);
}

/* Asks until the answer is right, or the connection is gone; then returns false. */
static bool is_right(const Trial *trial, const Ask *ask, sd_bus *client) {
        gint64 end = g_get_monotonic_time() + RECOVERED_USEC;
        const char *error;

        while ((error = ask->ask(trial->scene, client)) && sd_bus_is_open(client) > 0 &&
               !(trial->is_cold && passes_no_descriptors(error)))
                if (g_get_monotonic_time() > end)
                        g_error("%s: still %s", ask->name, error);

        return !error;
}

/* Once the fault is over both ends answer as ever. The service's connection to the bus may have to be made
 * anew, or ours to the socket. */
static void recover(Trial *trial) {
        for (size_t i = 0; i < 2; i++) {
                const Ask *ask = i == trial->i ? trial->ask : &asks[0];

                while (!is_right(trial, ask, trial->clients[i])) {
                        sd_bus_close_unref(trial->clients[i]);
                        trial->clients[i] = client_open(address_of(trial, i));
                }
        }
}

static void check_service(Trial *trial) {
        gint64 end = g_get_monotonic_time() + RECOVERED_USEC;
        unsigned n;

        g_assert_cmpint(waitpid(trial->stage->service->pid, NULL, WNOHANG), ==, 0);
        /* It says when the bus goes and comes, and waits once ten of that are unread. */
        (void) service_notified(trial->stage->service, "", 0);
        do {
                supervisor_settle(trial->supervisor);
                n = service_descriptors(trial->stage->service);
        } while (n > trial->descriptors + DESCRIPTORS_MORE && g_get_monotonic_time() < end);
        g_assert_cmpuint(n, <=, trial->descriptors + DESCRIPTORS_MORE);
}

/* Asks, and notes how long it took. */
static void ask(const Trial *trial, sd_bus *client) {
        gint64 start = g_get_monotonic_time();

        (void) trial->ask->ask(trial->scene, client);
        trial->fault->taken_usec = g_get_monotonic_time() - start;
}

/* In a process of its own: what the service remembers of it goes when it ends. */
static void ask_cold(void *data) {
        const Trial *trial = data;
        sd_bus *client = client_try(address_of(trial, trial->i));

        if (!client)
                return;

        ask(trial, client);
        (void) is_right(trial, trial->ask, client);
        sd_bus_close_unref(client);
}

/* Returns the system call that met the fault, or -1. */
static int meet_once(int kind, unsigned at, Trial *trial) {
        int hit;

        if (trial->ask->is_kept)
                (void) poll(NULL, 0, KEPT_MSEC);

        fault_arm(trial->fault, kind, at);
        trial->fault->taken_usec = 0;
        if (trial->is_cold)
                child_run_for(ask_cold, trial, COLD_SEC);
        else
                ask(trial, trial->clients[trial->i]);
        supervisor_settle(trial->supervisor);
        hit = fault_disarm(trial->fault);

        recover(trial);
        check_service(trial);
        return hit;
}

/* On a machine that does other things, anything may take long once; what hangs does so each time. */
static int meet(int kind, unsigned at, void *data) {
        Trial *trial = data;
        unsigned n = 0;
        int hit;

        do {
                g_autofree char *text = NULL;

                hit = meet_once(kind, at, trial);
                text = fault_describe(kind, at, hit);
                g_test_message("%s", text);
                g_assert_cmpuint(++n, <=, SLOW_MAX);
        } while (trial->fault->taken_usec > LIMIT_USEC);

        return hit;
}

static unsigned stride_of(const Ask *ask) {
        if (ask->is_kept)
                return sweep_is_whole() ? STRIDE_KEPT / 10 : STRIDE_KEPT;
        return sweep_is_whole() ? 1 : STRIDE;
}

static void sweep_asks(Trial *trial, size_t i, bool is_cold) {
        trial->i = i;
        trial->is_cold = is_cold;
        for (size_t n = 0; n < n_asks; n++) {
                trial->ask = &asks[n];
                if ((i > 0 && !asks[n].is_own) || (is_cold && asks[n].is_kept))
                        continue;

                g_test_message("%s of %s, who %s known",
                               asks[n].name,
                               i == 0 ? "the bus" : "the socket",
                               is_cold ? "is not" : "is");
                recover(trial);
                sweep(&trial->sweep, stride_of(&asks[n]), meet, trial);
        }
}

static void test_all(void) {
        Socket stage = { 0 };
        Scene scene;
        Trial trial = { .stage = &stage, .scene = &scene, .fault = fault_new() };
        g_autofree char *number = NULL;
        int fd;

        if (!filter_is_possible()) {
                g_test_skip("no process can be supervised");
                return;
        }
        if (!scene_enter(&scene, SCENE_UNIT_LIMIT))
                return;

        trial.supervisor = supervisor_new(trial.fault, &fd);
        number = g_strdup_printf("%d", fd);
        g_assert_true(g_setenv("MYMEM_TEST_SUPERVISOR", number, TRUE));
        socket_set_up_with_bus(&stage, NULL);
        group_enter(scene.group);
        for (size_t i = 0; i < 2; i++)
                trial.clients[i] = client_open(address_of(&trial, i));

        trial.ask = &asks[0];
        recover(&trial);
        supervisor_settle(trial.supervisor);
        trial.descriptors = service_descriptors(stage.service);
        for (size_t i = 0; i < 2; i++) {
                sweep_asks(&trial, i, false);
                sweep_asks(&trial, i, true);
        }
        g_test_message("%u faults", trial.sweep.n);

        for (size_t i = 0; i < 2; i++)
                sd_bus_close_unref(trial.clients[i]);
        socket_tear_down(&stage, NULL);
        supervisor_free(trial.supervisor);
        fault_free(trial.fault);
        scene_leave(&scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/service/all", test_all);

        return g_test_run();
}
