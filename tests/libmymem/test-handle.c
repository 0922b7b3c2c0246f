/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handle, through all that can happen to its program, to the program's control group, and to the
 * service. */

#include <errno.h>
#include <mymem.h>
#include <signal.h>
#include <string.h>

#include "child.h"
#include "fake.h"
#include "group.h"
#include "guest.h"
#include "private-bus.h"
#include "sandbox.h"
#include "sources.h"
#include "world.h"

#define OTHER_LIMIT (48 * MIB)
#define N_MOVES 1000
#define SLOW_MSEC 150
#define SLOW_MAX 5

/* A change is seen within a second. Here it has two, as all else: see sources.h. But a service that is slow
 * to answer just then is asked again after four seconds at the latest, so that a single change may take
 * longer on a machine that does other things; not each of several. */
#define SEEN_USEC (2 * G_USEC_PER_SEC)
#define SEEN_AGAIN_USEC (20 * G_USEC_PER_SEC)

static void check_sample(const World *world, Guest *guest, enum mymem_source source) {
        Reading before = world_read(world);
        Report report = guest_do(guest, GUEST_SAMPLE);

        g_assert_cmpint(report.r, ==, 0);
        g_assert_cmpint(report.usec, <, SOURCES_LIMIT_USEC);
        world_check(world, &before, &report.memory, source);
}

/* Samples until the limit is 'limit'; none may fail. Returns how long it took. */
static gint64 wait_for_limit(Guest *guest, uint64_t limit) {
        gint64 start = g_get_monotonic_time(), deadline = start + SEEN_AGAIN_USEC;
        Report report;

        do {
                report = guest_do(guest, GUEST_SAMPLE);
                g_assert_cmpint(report.r, ==, 0);
                g_assert_cmpint(report.usec, <, SOURCES_LIMIT_USEC);
        } while (report.memory.limit != limit && g_get_monotonic_time() < deadline);

        g_assert_cmpuint(report.memory.limit, ==, limit);
        return g_get_monotonic_time() - start;
}

/* Samples for some time; none may fail, and the service may not be waited for again and again. */
static void sample_on(Guest *guest, uint64_t limit) {
        gint64 end = g_get_monotonic_time() + 3 * G_USEC_PER_SEC / 2, waited = 0;

        while (g_get_monotonic_time() < end) {
                Report report = guest_do(guest, GUEST_SAMPLE);

                g_assert_cmpint(report.r, ==, 0);
                g_assert_cmpuint(report.memory.limit, ==, limit);
                if (report.usec > 40000)
                        waited += report.usec;
        }
        g_assert_cmpint(waited, <, G_USEC_PER_SEC);
}

static void set_limit(World *world, uint64_t limit) {
        group_write(world->scene.group, "memory.limit_in_bytes", limit);
        world->unit_limit = limit;
}

typedef struct Stay {
        World world;
        Guest *guest;
        char *other; /* another unit, with OTHER_LIMIT */
} Stay;

/* Starts a guest in the unit that has opened its handle. */
static bool stay_begin(Stay *stay, enum mymem_source source, bool is_blind) {
        if ((is_blind && !sandbox_is_possible()) || !world_enter(&stay->world, SCENE_UNIT_LIMIT))
                return false;

        stay->other = slice_group(stay->world.scene.slice, "%-other.service");
        group_write(stay->other, "memory.limit_in_bytes", OTHER_LIMIT);
        world_choose(&stay->world, source);
        stay->guest = guest_start(stay->world.scene.group, is_blind, is_blind ? NULL : stay->other);
        g_assert_cmpint(guest_do(stay->guest, GUEST_OPEN).r, ==, 0);
        check_sample(&stay->world, stay->guest, source);
        return true;
}

static void stay_end(Stay *stay) {
        guest_stop(stay->guest);
        g_free(stay->other);
        world_leave(&stay->world);
}

/* What each of the following tests is done with. */
typedef struct Condition {
        enum mymem_source source;
        bool is_blind;
} Condition;

static const Condition conditions[] = {
        { MYMEM_SOURCE_SOCKET, false }, { MYMEM_SOURCE_SOCKET, true },  { MYMEM_SOURCE_BUS, false },
        { MYMEM_SOURCE_BUS, true },     { MYMEM_SOURCE_CGROUP, false },
};

static void test_open(const void *data) {
        const Condition *condition = data;
        unsigned n_open, n_closed;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        n_closed = guest_do(stay.guest, GUEST_CLOSE).n_descriptors;
        n_open = guest_do(stay.guest, GUEST_OPEN).n_descriptors;
        g_assert_cmpuint(n_open, >, n_closed);
        for (unsigned i = 0; i < 100; i++)
                check_sample(&stay.world, stay.guest, condition->source);
        g_assert_cmpuint(guest_do(stay.guest, GUEST_SAMPLE).n_descriptors, ==, n_open);
        g_assert_cmpuint(guest_do(stay.guest, GUEST_CLOSE).n_descriptors, ==, n_closed);

        g_assert_cmpint(guest_do(stay.guest, GUEST_SAMPLE).r, ==, -EINVAL);
        stay_end(&stay);
}

static void test_limit(const void *data) {
        const Condition *condition = data;
        gint64 usec, shortest = SEEN_AGAIN_USEC;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        for (uint64_t limit = 64 * MIB; limit <= 80 * MIB; limit += 4 * MIB) {
                set_limit(&stay.world, limit);
                usec = wait_for_limit(stay.guest, limit);
                shortest = MIN(shortest, usec);
                check_sample(&stay.world, stay.guest, condition->source);
        }
        g_assert_cmpint(shortest, <, SEEN_USEC);

        /* One that is set where there was none: a group more. */
        group_write(stay.world.scene.group, "memory.limit_in_bytes", (uint64_t) 1 << 62);
        stay.world.unit_limit = 0;
        wait_for_limit(stay.guest, SCENE_SLICE_LIMIT);
        check_sample(&stay.world, stay.guest, condition->source);
        set_limit(&stay.world, 64 * MIB);
        wait_for_limit(stay.guest, 64 * MIB);
        check_sample(&stay.world, stay.guest, condition->source);
        stay_end(&stay);
}

static void test_moved(const void *data) {
        const Condition *condition = data;
        Report report;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        /* Who has a /proc sees it at once. */
        guest_move(stay.guest, stay.other);
        if (condition->is_blind)
                wait_for_limit(stay.guest, OTHER_LIMIT);
        report = guest_do(stay.guest, GUEST_SAMPLE);
        g_assert_cmpint(report.r, ==, 0);
        g_assert_cmpuint(report.memory.limit, ==, OTHER_LIMIT);
        g_assert_cmpuint(report.memory.usage, <, SCENE_ANONYMOUS);
        g_assert_cmpstr(report.memory.control_group, ==, stay.other);

        /* And back, again and again. */
        for (unsigned i = 0; !condition->is_blind && i < N_MOVES; i++) {
                guest_move(stay.guest, i % 2 == 0 ? stay.world.scene.group : stay.other);
                report = guest_do(stay.guest, GUEST_SAMPLE);
                g_assert_cmpint(report.r, ==, 0);
                g_assert_cmpuint(report.memory.limit, ==, i % 2 == 0 ? SCENE_UNIT_LIMIT : OTHER_LIMIT);
        }
        guest_move(stay.guest, stay.world.scene.group);
        if (condition->is_blind)
                wait_for_limit(stay.guest, SCENE_UNIT_LIMIT);
        check_sample(&stay.world, stay.guest, condition->source);
        stay_end(&stay);
}

/* The group in which the guest is goes, and another one comes under its name. */
static void recreate(const Stay *stay, uint64_t limit) {
        guest_move(stay->guest, stay->world.scene.group);
        group_remove(stay->other);
        group_make(stay->other);
        group_write(stay->other, "memory.limit_in_bytes", limit);
        guest_move(stay->guest, stay->other);
}

static void check_recreated(const Stay *stay, const Report *report, uint64_t limit) {
        g_assert_cmpint(report->r, ==, 0);
        g_assert_cmpuint(report->memory.limit, ==, limit);
        g_assert_cmpstr(report->memory.control_group, ==, stay->other);
}

/* Who sees no groups has nothing where the service did not answer in time, as it may happen on a machine
 * that does other things; and then it asks again. Returns how often that was. */
static unsigned end_recreated(const Stay *stay, const Condition *condition, uint64_t limit) {
        gint64 deadline = g_get_monotonic_time() + SEEN_AGAIN_USEC;
        Report report = guest_end(stay->guest);
        unsigned n_missed = 0;

        if (condition->is_blind && report.r == -ENODATA) {
                n_missed++;
                do
                        report = guest_do(stay->guest, GUEST_SAMPLE);
                while (report.r == -ENODATA && g_get_monotonic_time() < deadline);
        }
        check_recreated(stay, &report, limit);
        return n_missed;
}

static void test_recreated(const void *data) {
        const Condition *condition = data;
        /* Who sees the groups opens them itself, whoever told it of them first. */
        bool is_like_direct = !condition->is_blind && condition->source != MYMEM_SOURCE_CGROUP;
        unsigned n = is_like_direct ? N_MOVES / 10 : N_MOVES, n_missed = 0;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        guest_move(stay.guest, stay.other);
        if (condition->is_blind)
                wait_for_limit(stay.guest, OTHER_LIMIT);
        g_assert_cmpint(guest_do(stay.guest, GUEST_SAMPLE).r, ==, 0);
        for (unsigned i = 0; i < n; i++) {
                uint64_t limit = OTHER_LIMIT - (1 + i % 16) * MIB;

                recreate(&stay, limit);
                guest_begin(stay.guest, GUEST_SAMPLE);
                n_missed += end_recreated(&stay, condition, limit);
        }
        g_assert_cmpuint(n_missed, <=, n / 100);
        stay_end(&stay);
}

static void stop_service(const Stay *stay, enum mymem_source source, int signal_number) {
        pid_t pid = source == MYMEM_SOURCE_BUS ? stay->world.service->pid : stay->world.server->pid;

        g_assert_cmpint(kill(pid, signal_number), ==, 0);
}

/* Who has nothing left to read waits for a service that takes longer than it would wait for a refresh. That
 * it is not waited for is seen each time; that it is may take more than one on a machine that does other
 * things.
 */
static void test_slow(const void *data) {
        const Condition *condition = data;
        unsigned n_missed = 0, n = 0;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        guest_move(stay.guest, stay.other);
        if (condition->is_blind)
                wait_for_limit(stay.guest, OTHER_LIMIT);
        while (n_missed == n && n < SLOW_MAX) {
                uint64_t limit = OTHER_LIMIT - ++n * MIB;

                stop_service(&stay, condition->source, SIGSTOP);
                recreate(&stay, limit);
                guest_begin(stay.guest, GUEST_SAMPLE);
                (void) guest_has_done(stay.guest, SLOW_MSEC);
                stop_service(&stay, condition->source, SIGCONT);
                n_missed += end_recreated(&stay, condition, limit);
        }
        g_assert_cmpuint(n_missed, <, n);
        stay_end(&stay);
}

/* Where the groups are seen the limits are, too; else what is known serves until the service is back. */
static void test_stopped(const void *data) {
        const Condition *condition = data;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        stop_service(&stay, condition->source, SIGSTOP);
        sample_on(stay.guest, SCENE_UNIT_LIMIT);
        set_limit(&stay.world, 64 * MIB);
        if (condition->is_blind)
                sample_on(stay.guest, SCENE_UNIT_LIMIT);
        else
                wait_for_limit(stay.guest, 64 * MIB);

        stop_service(&stay, condition->source, SIGCONT);
        wait_for_limit(stay.guest, 64 * MIB);
        check_sample(&stay.world, stay.guest, condition->source);
        stay_end(&stay);
}

/* Who does not answer is asked again after one second, then two, then four. It is waited for a twentieth of
 * one each time, which is what can be seen here. */
static void test_patience(void) {
        unsigned n_waited = 0;
        gint64 end;
        Stay stay;

        if (!stay_begin(&stay, MYMEM_SOURCE_SOCKET, true))
                return;

        stop_service(&stay, MYMEM_SOURCE_SOCKET, SIGSTOP);
        for (end = g_get_monotonic_time() + 7 * G_USEC_PER_SEC; g_get_monotonic_time() < end;) {
                Report report = guest_do(stay.guest, GUEST_SAMPLE);

                g_assert_cmpint(report.r, ==, 0);
                n_waited += report.usec > 45000;
        }
        g_assert_cmpuint(n_waited, >=, 2);
        g_assert_cmpuint(n_waited, <=, 5); /* without patience it would be seven */

        stop_service(&stay, MYMEM_SOURCE_SOCKET, SIGCONT);
        set_limit(&stay.world, 64 * MIB);
        wait_for_limit(stay.guest, 64 * MIB);
        stay_end(&stay);
}

static void test_killed(const void *data) {
        const Condition *condition = data;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        child_kill(stay.world.server->pid);
        for (unsigned i = 0; i < 10; i++)
                check_sample(&stay.world, stay.guest, condition->source);
        sample_on(stay.guest, SCENE_UNIT_LIMIT);
        server_run(stay.world.server);

        set_limit(&stay.world, 64 * MIB);
        wait_for_limit(stay.guest, 64 * MIB);
        check_sample(&stay.world, stay.guest, condition->source);

        /* In this moment nobody is there, and yet one moves. */
        if (!condition->is_blind) {
                child_kill(stay.world.server->pid);
                guest_move(stay.guest, stay.other);
                wait_for_limit(stay.guest, OTHER_LIMIT);
                server_run(stay.world.server);
        }
        stay_end(&stay);
}

static void test_fork(const void *data) {
        const Condition *condition = data;
        uint64_t wanted = condition->is_blind ? SCENE_UNIT_LIMIT : OTHER_LIMIT;
        Report report;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        for (unsigned i = 0; i < 3; i++) {
                report = guest_do(stay.guest, GUEST_FORK);
                g_assert_cmpint(report.r, ==, 0);
                g_assert_cmpuint(report.memory.source, ==, condition->source);
                g_assert_cmpuint(report.memory.limit, ==, wanted);
                check_sample(&stay.world, stay.guest, condition->source);
        }
        stay_end(&stay);
}

/* Nothing may grow, neither in between nor when the limits are looked at. */
static void test_million(const void *data) {
        const Condition *condition = data;
        Report before, after;
        Stay stay;

        if (!stay_begin(&stay, condition->source, condition->is_blind))
                return;

        before = guest_do(stay.guest, GUEST_SAMPLE);
        after = guest_do(stay.guest, GUEST_SAMPLE_MANY);
        g_assert_cmpint(after.r, ==, 0);
        g_assert_cmpuint(after.n_descriptors, ==, before.n_descriptors);
        g_assert_cmpuint(after.resident, <=, after.before + 256 * 1024);
        g_test_message("%.2f us a sample", (double) after.usec / GUEST_MANY);
        check_sample(&stay.world, stay.guest, condition->source);
        stay_end(&stay);
}

/* Without files, in the root group, each sample is a look at the machine. */
static void test_root(void) {
        Report report;
        Stay stay;

        if (!stay_begin(&stay, MYMEM_SOURCE_SOCKET, false))
                return;

        guest_move(stay.guest, "/");
        report = guest_do(stay.guest, GUEST_SAMPLE);
        g_assert_cmpint(report.r, ==, 0);
        g_assert_cmpuint(report.memory.limit, ==, group_meminfo("MemTotal"));
        g_assert_cmpuint(report.memory.source, ==, MYMEM_SOURCE_PROC);
        g_assert_cmpuint(report.memory.available_by, ==, MYMEM_BY_MACHINE);
        g_assert_cmpint(guest_do(stay.guest, GUEST_OPEN).r, ==, 0);
        g_assert_cmpuint(guest_do(stay.guest, GUEST_SAMPLE).memory.limit, ==, group_meminfo("MemTotal"));

        guest_move(stay.guest, stay.world.scene.group);
        check_sample(&stay.world, stay.guest, MYMEM_SOURCE_SOCKET);
        stay_end(&stay);
}

/* Who sees nothing, and is handed nothing, has nothing while the service does not answer; but is told so at
 * once, most of the time. */
static void test_no_files(void) {
        Fake *fake;
        Guest *guest;
        gint64 end, waited = 0;
        Report report;
        Stay stay;

        if (!sandbox_is_possible() || !world_enter(&stay.world, 0))
                return;

        fake = fake_listen(FAKE_ANSWERS);
        sources_set(fake->path, NULL);
        guest = guest_start(stay.world.scene.group, true, NULL);
        g_assert_cmpint(guest_do(guest, GUEST_OPEN).r, ==, 0);
        wait_for_limit(guest, FAKE_LIMIT);

        g_assert_cmpint(kill(fake->pid, SIGSTOP), ==, 0);
        end = g_get_monotonic_time() + 3 * G_USEC_PER_SEC;
        while (g_get_monotonic_time() < end) {
                report = guest_do(guest, GUEST_SAMPLE);
                g_assert_cmpint(report.r, ==, -ENODATA);
                if (report.usec > 40000)
                        waited += report.usec;
        }
        g_assert_cmpint(waited, <, 3 * G_USEC_PER_SEC / 2);

        g_assert_cmpint(kill(fake->pid, SIGCONT), ==, 0);
        end = g_get_monotonic_time() + SEEN_AGAIN_USEC;
        do
                report = guest_do(guest, GUEST_SAMPLE);
        while (report.r < 0 && g_get_monotonic_time() < end);
        g_assert_cmpint(report.r, ==, 0);
        g_assert_cmpuint(report.memory.limit, ==, FAKE_LIMIT);

        guest_stop(guest);
        fake_stop(fake);
        world_leave(&stay.world);
}

/* What the service hands out may be no files of groups; what it says is an answer all the same. */
static void run_manners(void *data) {
        const bool *is_blind = data;
        struct mymem direct;

        sources_set(NULL, NULL);
        g_assert_cmpint(mymem_get(&direct), ==, 0);
        if (*is_blind)
                sandbox_enter(false);
        for (FakeManner manner = 0; manner < _FAKE_COUNT; manner++) {
                Fake *fake = fake_listen(manner);
                struct mymem_handle *handle = NULL;
                struct mymem memory, sampled;
                int r, wanted;

                g_test_message("%s", fake_names[manner]);
                sources_set(fake->path, NULL);
                wanted = mymem_get(&memory);
                r = mymem_open(&handle);
                if (wanted < 0) {
                        g_assert_cmpint(r, ==, wanted);
                        g_assert_null(handle);
                } else if (r != -ESRCH && r != -ENOENT && r != -ENODEV) {
                        g_assert_cmpint(r, ==, 0);
                        g_assert_cmpint(mymem_sample(handle, &sampled), ==, 0);
                        g_assert_cmpuint(sampled.limit, ==, *is_blind ? FAKE_LIMIT : direct.limit);
                        g_assert_null(mymem_close(handle));
                }
                fake_stop(fake);
        }
}

static void test_manners(void) {
        bool is_blind[] = { false, true };
        struct mymem memory;

        sources_set(NULL, NULL);
        if (mymem_get(&memory) < 0) {
                g_test_skip("the memory hierarchy is not mounted");
                return;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(is_blind) && sandbox_is_possible(); i++)
                child_run(run_manners, &is_blind[i]);
}

static void test_arguments(void) {
        struct mymem_handle *handle = NULL;
        struct mymem memory;

        sources_set(NULL, NULL);
        g_assert_null(mymem_close(NULL));
        g_assert_cmpint(mymem_open(NULL), ==, -EINVAL);
        g_assert_cmpint(mymem_sample(NULL, &memory), ==, -EINVAL);
        if (mymem_open(&handle) >= 0) {
                g_assert_cmpint(mymem_sample(handle, NULL), ==, -EINVAL);
                g_assert_cmpint((mymem_sample) (handle, &memory, sizeof(memory) - 1), ==, -EINVAL);
                g_assert_null(mymem_close(handle));
        }
}

static void add(const char *name, void (*test)(const void *data), size_t n) {
        for (size_t i = 0; i < n; i++) {
                static const char *const sources[] = { [MYMEM_SOURCE_SOCKET] = "socket",
                                                       [MYMEM_SOURCE_BUS] = "bus",
                                                       [MYMEM_SOURCE_CGROUP] = "direct" };
                g_autofree char *path = g_strdup_printf("/handle/%s/%s%s",
                                                        name,
                                                        sources[conditions[i].source],
                                                        conditions[i].is_blind ? "-blind" : "");

                g_test_add_data_func(path, &conditions[i], test);
        }
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/handle/arguments", test_arguments);
        g_test_add_func("/handle/manners", test_manners);
        g_test_add_func("/handle/root", test_root);
        g_test_add_func("/handle/no-files", test_no_files);
        g_test_add_func("/handle/patience", test_patience);
        add("open", test_open, 5);
        add("limit", test_limit, 5);
        add("moved", test_moved, 5);
        add("recreated", test_recreated, 5);
        add("slow", test_slow, 4);
        add("fork", test_fork, 5);
        add("stopped", test_stopped, 4);
        add("killed", test_killed, 2);
        add("million", test_million, 2);

        return g_test_run();
}
