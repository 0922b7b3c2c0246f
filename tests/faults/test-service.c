/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service, of which each system call fails in turn, or reads less than there is: whatever it is asked,
 * it answers with the right figures or with an error, in time, and never ends; and the next call is answered
 * as if nothing had been. */

#include <glib.h>
#include <poll.h>

#include "asks.h"
#include "child.h"
#include "client.h"
#include "fault.h"
#include "names.h"
#include "supervised.h"
#include "supervisor.h"
#include "sweep.h"

#define LIMIT_USEC (2 * G_USEC_PER_SEC)
#define KEPT_MSEC 1100
#define COLD_SEC 60

#define SLOW_MAX 3

/* Of the faults, one in so many; even of all, it is one in so many where each takes more than a second. */
#define STRIDE 16
#define STRIDE_KEPT 400

typedef struct Trial {
        Supervised supervised;
        const Ask *ask;
        bool is_cold; /* asked by somebody who has not been there before */
        size_t i;     /* at which of the two it is asked */
        Sweep sweep;
} Trial;

/* Once the fault is over both ends answer as ever. The service's connection to the bus may have to be made
 * anew, or ours to the socket. */
static void recover(Trial *trial) {
        for (size_t i = 0; i < SUPERVISED_CLIENTS; i++)
                supervised_recover(&trial->supervised, i == trial->i ? trial->ask : &asks[0], i);
}

/* It is not one that says something of who is asked about. */
static void check_error(const char *error) {
        g_assert_cmpstr(error, !=, MYMEM_ERROR_NO_SUCH_PROCESS);
        g_assert_cmpstr(error, !=, MYMEM_ERROR_NO_SUCH_UNIT);
        g_assert_cmpstr(error, !=, MYMEM_ERROR_UNIT_VANISHED);
        g_assert_cmpstr(error, !=, MYMEM_ERROR_NO_MEMORY_CONTROLLER);
}

/* Asks, and notes how long it took. */
static void ask(const Trial *trial, sd_bus *client) {
        gint64 start = g_get_monotonic_time();

        check_error(trial->ask->ask(&trial->supervised.scene, client));
        trial->supervised.fault->taken_usec = g_get_monotonic_time() - start;
}

/* In a process of its own: what the service remembers of it goes when it ends. */
static void ask_cold(void *data) {
        const Trial *trial = data;
        sd_bus *client = client_try(supervised_address(&trial->supervised, trial->i));

        if (!client)
                return;

        ask(trial, client);
        (void) supervised_is_right(&trial->supervised, trial->ask, client, true);
        sd_bus_close_unref(client);
}

/* Returns the system call that met the fault, or -1. */
static int meet_once(int kind, unsigned at, Trial *trial) {
        Fault *fault = trial->supervised.fault;
        int hit;

        if (trial->ask->is_kept)
                (void) poll(NULL, 0, KEPT_MSEC);

        fault_arm(fault, kind, at);
        fault->taken_usec = 0;
        if (trial->is_cold)
                child_run_for(ask_cold, trial, COLD_SEC);
        else
                ask(trial, trial->supervised.clients[trial->i]);
        supervisor_settle(trial->supervised.supervisor);
        hit = fault_disarm(fault);

        recover(trial);
        supervised_check(&trial->supervised);
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
        } while (trial->supervised.fault->taken_usec > LIMIT_USEC);

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
        Trial trial = { 0 };

        if (!supervised_set_up(&trial.supervised))
                return;

        trial.ask = &asks[0];
        for (size_t i = 0; i < SUPERVISED_CLIENTS; i++) {
                sweep_asks(&trial, i, false);
                sweep_asks(&trial, i, true);
        }
        g_test_message("%u faults", trial.sweep.n);

        supervised_tear_down(&trial.supervised);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/service/all", test_all);

        return g_test_run();
}
