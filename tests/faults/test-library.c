/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libmymem, of which each system call fails in turn, or reads less than there is; and each allocation, of
 * its own and of sd-bus in it: every function returns the right figures or a negative errno that is about
 * that, in time, and leaves nothing open; and the next call is as if nothing had been. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <mymem.h>
#include <unistd.h>

#include "allocation.h"
#include "child.h"
#include "fault.h"
#include "filter.h"
#include "group.h"
#include "sources.h"
#include "supervisor.h"
#include "sweep.h"
#include "world.h"

#define STRIDE 8
#define SLOW_MAX 3

/* A handle may have had its files from the one who has more to give, or from the one who has less. */
#define SAMPLE_MORE 2
#define CHILD_SECONDS 200

typedef struct Trial Trial;

struct Trial {
        const World *world;
        Fault *fault;
        struct mymem_handle *handle; /* that lives as long as the trial */
        int pidfd;                   /* of the tenant */
        int (*get)(const Trial *trial, struct mymem *ret);
        unsigned n_slow; /* on a machine that does other things, some take long */
        int number;      /* of the system calls that fail as long as a function takes */
        Sweep sweep;
};

static int get_own(const Trial *trial, struct mymem *ret) {
        (void) trial;

        return mymem_get(ret);
}

static int get_pid(const Trial *trial, struct mymem *ret) {
        return mymem_get_pid(trial->world->scene.tenant, ret);
}

static int get_unit(const Trial *trial, struct mymem *ret) {
        return mymem_get_unit(trial->world->scene.name, ret);
}

static int get_pidfd(const Trial *trial, struct mymem *ret) {
        return mymem_get_pidfd(trial->pidfd, ret);
}

static int open_and_sample(const Trial *trial, struct mymem *ret) {
        struct mymem_handle *opened = NULL;
        int r;

        (void) trial;

        r = mymem_open(&opened);
        if (r >= 0)
                r = mymem_sample(opened, ret);
        g_assert_null(mymem_close(opened));
        return r;
}

static int sample(const Trial *trial, struct mymem *ret) {
        return mymem_sample(trial->handle, ret);
}

static const struct {
        const char *name;
        int (*get)(const Trial *trial, struct mymem *ret);
} functions[] = {
        { "mymem_get", get_own },       { "mymem_get_pid", get_pid },      { "mymem_get_pidfd", get_pidfd },
        { "mymem_get_unit", get_unit }, { "mymem_open", open_and_sample }, { "mymem_sample", sample },
};

static unsigned count_descriptors(void) {
        unsigned n = 0;

        for (int fd = 0; fd < 256; fd++)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}

static void check_figures(const Trial *trial, const struct mymem *memory) {
        Reading now = world_read(trial->world);

        world_check(trial->world, &now, memory, memory->source);
}

/* Also where an error is to be expected, it is not one that says something of who is asked about. */
static void check_result(const Trial *trial, int r, const struct mymem *memory) {
        g_test_message("%s", r < 0 ? strerrorname_np(-r) : "right");
        g_assert_cmpint(r, !=, -ESRCH);
        g_assert_cmpint(r, !=, -ENOENT);
        g_assert_cmpint(r, !=, -ENODEV);
        if (r >= 0)
                check_figures(trial, memory);
}

/* What is done to the library, and how it is taken back; the latter returns what of it was met, or -1. */
typedef struct Harm {
        void (*arm)(Trial *trial, int kind, unsigned at);
        int (*disarm)(Trial *trial);
} Harm;

static int try_and_recover(Trial *trial, const Harm *harm, int kind, unsigned at) {
        unsigned descriptors = count_descriptors(), more = trial->get == sample ? SAMPLE_MORE : 0;
        gint64 start = g_get_monotonic_time(), taken;
        struct mymem memory;
        int r, hit;

        harm->arm(trial, kind, at);
        r = trial->get(trial, &memory);
        hit = harm->disarm(trial);
        taken = g_get_monotonic_time() - start;
        if (taken >= SOURCES_LIMIT_USEC)
                g_assert_cmpuint(++trial->n_slow, <=, SLOW_MAX);
        check_result(trial, r, &memory);

        g_assert_cmpint(trial->get(trial, &memory), ==, 0);
        check_figures(trial, &memory);
        g_assert_cmpuint(count_descriptors(), <=, descriptors + more);
        return hit;
}

static void arm_fault(Trial *trial, int kind, unsigned at) {
        fault_arm(trial->fault, kind, at);
}

static int disarm_fault(Trial *trial) {
        return fault_disarm(trial->fault);
}

static void arm_lasting(Trial *trial, int kind, unsigned at) {
        fault_arm_only(trial->fault, kind, trial->number, at, true);
}

static void arm_allocation(Trial *trial, int kind, unsigned at) {
        (void) trial;
        (void) kind;

        allocation_arm(at);
}

static int disarm_allocation(Trial *trial) {
        (void) trial;

        return allocation_disarm() ? 0 : -1;
}

static const Harm faults = { arm_fault, disarm_fault }, lasting = { arm_lasting, disarm_fault },
                  allocations = { arm_allocation, disarm_allocation };

static int meet(int kind, unsigned at, void *data) {
        g_autofree char *text = NULL;
        Trial *trial = data;
        int hit;

        hit = try_and_recover(trial, &faults, kind, at);
        text = fault_describe(kind, at, hit);
        g_test_message("%s", text);
        return hit;
}

static const int lasting_kinds[] = { EINTR, FAULT_CLAIM };

/* Whatever is made again is not for ever: each system call that was made meets the same each time. */
static void last(Trial *trial, int kind) {
        for (trial->number = 0; trial->number < FAULT_NUMBER_MAX; trial->number++)
                if (trial->fault->made[trial->number] &&
                    try_and_recover(trial, &lasting, kind, 1) == trial->number) {
                        g_autofree char *text = fault_describe(kind, 1, trial->number);

                        g_test_message("%s, each time", text);
                        trial->sweep.n++;
                }
}

/* Each allocation; what was allocated is freed whatever fails. */
static void sweep_allocations(Trial *trial) {
        int hit = 0;

        for (unsigned at = 1; hit >= 0; at++) {
                long balance = allocation_balance();

                hit = try_and_recover(trial, &allocations, ENOMEM, at);
                g_test_message("allocation %u", at);
                if (trial->get != sample)
                        g_assert_cmpint(allocation_balance() - balance, <=, 0);
                trial->sweep.n++;
        }
}

typedef struct Test {
        enum mymem_source source;
        bool is_allocation;
        World *world;
        Fault *fault;
        int fd;
} Test;

static void run(void *data) {
        const Test *test = data;
        Trial trial = { .world = test->world,
                        .fault = test->fault,
                        .pidfd = child_pidfd(test->world->scene.tenant) };
        struct mymem memory;

        group_enter(test->world->scene.group);
        world_choose(test->world, test->source);
        if (test->fd >= 0)
                g_assert_cmpint(filter_install(test->fd), ==, 0);
        g_assert_cmpint(mymem_open(&trial.handle), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
                g_test_message("%s", functions[i].name);
                trial.get = functions[i].get;
                /* What libraries make at their first use stays. */
                g_assert_cmpint(trial.get(&trial, &memory), ==, 0);
                if (test->is_allocation)
                        sweep_allocations(&trial);
                else {
                        sweep(&trial.sweep, sweep_is_whole() ? 1 : STRIDE, meet, &trial);
                        if (sweep_is_whole() || trial.get == get_own || trial.get == sample)
                                for (size_t n = 0; n < G_N_ELEMENTS(lasting_kinds); n++)
                                        last(&trial, lasting_kinds[n]);
                }
        }
        g_assert_null(mymem_close(trial.handle));
        close(trial.pidfd);
        g_test_message("%u faults", trial.sweep.n);
}

static void test_library(const void *data) {
        Test test = *(const Test *) data;
        Supervisor *supervisor = NULL;
        World world;

        if (!test.is_allocation && !filter_is_possible()) {
                g_test_skip("no process can be supervised");
                return;
        }
        if (!world_enter(&world, SCENE_UNIT_LIMIT))
                return;

        test.world = &world;
        test.fd = -1;
        test.fault = fault_new();
        if (!test.is_allocation)
                supervisor = supervisor_new(test.fault, &test.fd);
        child_run_for(run, &test, CHILD_SECONDS);
        if (supervisor)
                supervisor_free(supervisor);
        fault_free(test.fault);
        world_leave(&world);
}

int main(int argc, char **argv) {
        static const Test tests[] = {
                { .source = MYMEM_SOURCE_SOCKET },
                { .source = MYMEM_SOURCE_BUS },
                { .source = MYMEM_SOURCE_CGROUP },
                { .source = MYMEM_SOURCE_SOCKET, .is_allocation = true },
                { .source = MYMEM_SOURCE_BUS, .is_allocation = true },
                { .source = MYMEM_SOURCE_CGROUP, .is_allocation = true },
        };
        static const char *const names[] = { [MYMEM_SOURCE_SOCKET] = "socket",
                                             [MYMEM_SOURCE_BUS] = "bus",
                                             [MYMEM_SOURCE_CGROUP] = "direct" };

        g_test_init(&argc, &argv, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
                g_autofree char *path = g_strdup_printf("/library/%s/%s",
                                                        tests[i].is_allocation ? "allocations" : "calls",
                                                        names[tests[i].source]);

                g_test_add_data_func(path, &tests[i], test_library);
        }

        return g_test_run();
}
