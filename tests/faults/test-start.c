/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service, of which each system call fails in turn while it starts: it ends, as one that has failed, or
 * it says that it is ready; and then it answers as ever. */

#include <errno.h>
#include <glib.h>
#include <stdlib.h>

#include "asks.h"
#include "child.h"
#include "client.h"
#include "fault.h"
#include "filter.h"
#include "group.h"
#include "private-bus.h"
#include "service.h"
#include "supervisor.h"
#include "sweep.h"

#define READY_SEC 20
#define ANSWERED_USEC (10 * G_USEC_PER_SEC)

/* What the loader of the program says of its own failures. */
#define EXIT_LOADER 127

static const int kinds[] = { EMFILE, ENFILE, ENOMEM, EIO, EINTR };

typedef struct Trial {
        Scene scene;
        PrivateBus *bus;
        Fault *fault;
        unsigned n, n_ready;
} Trial;

/* Asks until the answer is right. It may take a moment until the bus is joined. */
static void check_answer(const Trial *trial, const Ask *ask) {
        gint64 end = g_get_monotonic_time() + ANSWERED_USEC;
        sd_bus *client = client_open(trial->bus->address);
        const char *error;

        while ((error = ask->ask(&trial->scene, client)))
                if (g_get_monotonic_time() > end)
                        g_error("%s: still %s", ask->name, error);
        sd_bus_close_unref(client);
}

/* In a process of its own: the service is not to be in the unit, whose usage it would change. */
static void check_answers(void *data) {
        const Trial *trial = data;

        group_enter(trial->scene.group);
        for (size_t i = 0; i < n_asks; i++)
                if (g_str_equal(asks[i].name, "GetMemory") || g_str_equal(asks[i].name, "OpenMemory"))
                        check_answer(trial, &asks[i]);
}

/* Returns whether it is ready. If not it has ended, and nothing of it is left. */
static bool is_ready(Service *service) {
        int status;

        if (service_notified(service, "READY=1", READY_SEC))
                return true;

        status = service_wait(service);
        if (status != EXIT_LOADER)
                g_assert_cmpint(status, ==, EXIT_FAILURE);
        return false;
}

/* Starts it, with a fault of the kind at one of its system calls of the number, if there is a kind. Returns
 * false if there are fewer calls. */
static bool start(Trial *trial, int kind, int number, unsigned at) {
        g_autofree char *text = NULL;
        Supervisor *supervisor;
        Service *service;
        bool ready;
        int fd, hit;

        supervisor = supervisor_new(trial->fault, &fd);
        text = g_strdup_printf("%d", fd);
        g_assert_true(g_setenv("MYMEM_TEST_SUPERVISOR", text, TRUE));
        fault_arm_only(trial->fault, kind, number, at, false);
        service = service_spawn(trial->bus->address, NULL);
        ready = is_ready(service);
        hit = fault_disarm(trial->fault);
        g_test_message("%s at number %u of system call %d: %s",
                       strerrorname_np(kind),
                       at,
                       hit,
                       ready ? "ready" : "failed");
        if (ready) {
                child_run(check_answers, trial);
                service_stop(service);
        }
        supervisor_free(supervisor);
        if (hit < 0)
                return false;

        trial->n_ready += ready;
        trial->n++;
        return true;
}

/* Each of its calls of the number fails once, with one of the errors, or with all. */
static void start_each(Trial *trial, int number) {
        bool is_met = true;

        for (unsigned at = 1; is_met; at++) {
                size_t chosen = (size_t) g_test_rand_int_range(0, G_N_ELEMENTS(kinds));

                for (size_t i = 0; is_met && i < G_N_ELEMENTS(kinds); i++)
                        if (sweep_is_whole() || i == chosen)
                                is_met = start(trial, kinds[i], number, at);
        }
}

static void test_all(void) {
        Trial trial = { 0 };
        bool made[FAULT_NUMBER_MAX];

        if (!filter_is_possible()) {
                g_test_skip("no process can be supervised");
                return;
        }
        if (!scene_enter(&trial.scene, SCENE_UNIT_LIMIT))
                return;
        trial.bus = private_bus_start();
        trial.fault = fault_new();

        (void) start(&trial, FAULT_NONE, FAULT_ANY, 1);
        for (int i = 0; i < FAULT_NUMBER_MAX; i++)
                made[i] = trial.fault->made[i];
        for (int i = 0; i < FAULT_NUMBER_MAX; i++)
                if (made[i])
                        start_each(&trial, i);
        g_test_message("%u faults, %u times ready all the same", trial.n, trial.n_ready);
        g_assert_cmpuint(trial.n_ready, >, 0);
        g_assert_cmpuint(trial.n_ready, <, trial.n);

        private_bus_stop(trial.bus);
        fault_free(trial.fault);
        scene_leave(&trial.scene);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/start/all", test_all);

        return g_test_run();
}
