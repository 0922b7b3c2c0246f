/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service, of which system calls of one number fail for a while: those that wait for events, and those
 * that it makes while it joins a bus. It does not end, and when it is over, it answers as ever. */

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <sys/syscall.h>

#include "group.h"
#include "supervised.h"
#include "sweep.h"

/* How long it lasts; where events are waited for, longer than anybody could hold out by trying again. */
#define LASTS_MSEC 150
#define LASTS_WAIT_MSEC 2500

/* Of the calls that watch a connection to the bus, which each means something else, also from a later one
 * on. */
#define WATCHES_MAX 14

/* What sd-bus finds out of its sockets by. */
static const int looks[] = { SYS_fstat, SYS_newfstatat, SYS_getsockname, SYS_getsockopt };

static const int kinds[] = { EMFILE, ENFILE, ENOMEM, EIO, EINTR };

typedef struct Trial {
        Supervised supervised;
        const Ask *open; /* what is asked in the end: it needs the most */
        unsigned n;
} Trial;

/* The one that comes back is not to be in the unit, whose usage it would change. */
static void lose_bus(const Supervised *supervised) {
        private_bus_leave(supervised->stage.bus);
        group_enter("/");
        private_bus_return(supervised->stage.bus);
        group_enter(supervised->scene.group);
}

static void check_recovered(Trial *trial) {
        for (size_t i = 0; i < SUPERVISED_CLIENTS; i++)
                supervised_recover(&trial->supervised, trial->open, i);
        supervised_check(&trial->supervised);
}

static void meet(Trial *trial, int kind, int number, unsigned at) {
        Supervised *supervised = &trial->supervised;
        bool is_wait = supervisor_is_wait(number);
        g_autofree char *text = NULL;
        int hit;

        fault_arm_only(supervised->fault, kind, number, at, true);
        if (!is_wait)
                lose_bus(supervised);
        (void) poll(NULL, 0, is_wait ? LASTS_WAIT_MSEC : LASTS_MSEC);
        hit = fault_disarm(supervised->fault);

        text = fault_describe(kind, at, hit);
        g_test_message("%s, and on", text);
        check_recovered(trial);
        trial->n += hit >= 0;
}

/* With one of the errors, or with all. */
static void meet_kinds(Trial *trial, int number, unsigned at) {
        size_t chosen = (size_t) g_test_rand_int_range(0, G_N_ELEMENTS(kinds));

        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
                if (sweep_is_whole() || i == chosen)
                        meet(trial, kinds[i], number, at);
}

static void test_all(void) {
        Trial trial = { 0 };

        if (!supervised_set_up(&trial.supervised))
                return;
        for (size_t i = 0; i < n_asks; i++)
                if (g_str_equal(asks[i].name, "OpenMemory"))
                        trial.open = &asks[i];

        for (int number = 0; number < FAULT_NUMBER_MAX; number++)
                if (trial.supervised.fault->made[number] && supervisor_is_wait(number))
                        meet_kinds(&trial, number, 1);
        g_assert_cmpuint(trial.n, >, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(looks); i++)
                meet_kinds(&trial, looks[i], 1);
        for (unsigned at = 1; at <= WATCHES_MAX; at++)
                meet_kinds(&trial, SYS_epoll_ctl, at);
        g_test_message("%u faults", trial.n);

        supervised_tear_down(&trial.supervised);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/lasting/all", test_all);

        return g_test_run();
}
