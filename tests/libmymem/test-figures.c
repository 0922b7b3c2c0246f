/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The real service and real control groups: from each source come the figures that the test reads itself. */

#include <errno.h>
#include <mymem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "group.h"
#include "world.h"

/* Oneself, in a process that lives in the unit. */
static void run_inside(void *data) {
        static const enum mymem_source sources[] = { MYMEM_SOURCE_SOCKET,
                                                     MYMEM_SOURCE_BUS,
                                                     MYMEM_SOURCE_CGROUP };
        const World *world = data;

        group_enter(world->scene.group);
        for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
                Reading before = world_read(world);
                struct mymem memory;

                world_choose(world, sources[i]);
                g_assert_cmpint(mymem_get(&memory), ==, 0);
                world_check(world, &before, &memory, sources[i]);
        }
}

static void test_self(void) {
        static const uint64_t limits[] = { 0, SCENE_UNIT_LIMIT, 64 * MIB };

        for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
                World world;

                if (!world_enter(&world, limits[i]))
                        return;
                child_run(run_inside, &world);
                world_leave(&world);
        }
}

static void test_others(void) {
        static const enum mymem_source sources[] = { MYMEM_SOURCE_BUS, MYMEM_SOURCE_CGROUP };
        World world;
        int pidfd;

        if (!world_enter(&world, SCENE_UNIT_LIMIT))
                return;

        pidfd = child_pidfd(world.scene.tenant);
        for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
                Reading before = world_read(&world);
                struct mymem memory;

                world_choose(&world, sources[i]);
                g_assert_cmpint(mymem_get_pid(world.scene.tenant, &memory), ==, 0);
                world_check(&world, &before, &memory, sources[i]);
                g_assert_cmpint(mymem_get_pidfd(pidfd, &memory), ==, 0);
                world_check(&world, &before, &memory, sources[i]);
                g_assert_cmpint(mymem_get_unit(world.scene.name, &memory), ==, 0);
                world_check(&world, &before, &memory, sources[i]);
                g_assert_cmpuint(memory.rlimit_data, ==, MYMEM_UNKNOWN);

                /* Names that are nobody's. */
                g_assert_cmpint(mymem_get_unit("mymem-no-such.service", &memory), ==, -ENOENT);
                g_assert_cmpint(mymem_get_pid(INT32_MAX, &memory), ==, -ESRCH);
        }
        close(pidfd);
        world_leave(&world);
}

/* A zombie has left its groups. */
static void test_ended(void) {
        static const enum mymem_source sources[] = { MYMEM_SOURCE_BUS, MYMEM_SOURCE_CGROUP };
        struct mymem memory;
        siginfo_t info;
        World world;
        int pidfd;
        pid_t pid;

        if (!world_enter(&world, 0))
                return;

        pid = child_fork();
        if (pid == 0)
                _exit(EXIT_SUCCESS);
        pidfd = child_pidfd(pid);
        g_assert_cmpint(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
                world_choose(&world, sources[i]);
                g_assert_cmpint(mymem_get_pid(pid, &memory), ==, -ESRCH);
                g_assert_cmpint(mymem_get_pidfd(pidfd, &memory), ==, -ESRCH);
        }

        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
        for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
                world_choose(&world, sources[i]);
                g_assert_cmpint(mymem_get_pidfd(pidfd, &memory), ==, -ESRCH);
        }
        close(pidfd);
        world_leave(&world);
}

static void set_limit(int resource, rlim_t value) {
        struct rlimit limit;

        g_assert_cmpint(getrlimit((__rlimit_resource_t) resource, &limit), ==, 0);
        limit.rlim_cur = value;
        g_assert_cmpint(setrlimit((__rlimit_resource_t) resource, &limit), ==, 0);
}

/* The process's own limits bind it, too, whoever told of the unit. */
static void run_limited(void *data) {
        const World *world = data;
        static const enum mymem_source sources[] = { MYMEM_SOURCE_SOCKET,
                                                     MYMEM_SOURCE_BUS,
                                                     MYMEM_SOURCE_CGROUP };
        struct mymem memory;

        group_enter(world->scene.group);
        for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
                world_choose(world, sources[i]);
                g_assert_cmpint(mymem_get(&memory), ==, 0);
                g_assert_cmpuint(memory.rlimit_as, ==, MYMEM_UNLIMITED);
                g_assert_cmpuint(memory.rlimit_data, ==, MYMEM_UNLIMITED);

                /* A limit that leaves more than the unit does changes nothing. */
                set_limit(RLIMIT_DATA, 1024 * MIB);
                g_assert_cmpint(mymem_get(&memory), ==, 0);
                g_assert_cmpuint(memory.rlimit_data, ==, 1024 * MIB);
                g_assert_cmpuint(memory.available_by, ==, MYMEM_BY_ANCESTOR);

                set_limit(RLIMIT_DATA, 40 * MIB);
                g_assert_cmpint(mymem_get(&memory), ==, 0);
                g_assert_cmpuint(memory.rlimit_data, ==, 40 * MIB);
                g_assert_cmpuint(memory.available_by, ==, MYMEM_BY_RLIMIT_DATA);
                g_assert_cmpuint(memory.available, <, 40 * MIB);
                g_assert_cmpuint(memory.available, >, 0);
                g_assert_cmpuint(memory.limit, ==, SCENE_SLICE_LIMIT);

                set_limit(RLIMIT_AS, 1); /* already used up */
                memory.available = 1;
                g_assert_cmpint(mymem_get(&memory), ==, 0);
                g_assert_cmpuint(memory.rlimit_as, ==, 1);
                g_assert_cmpuint(memory.available_by, ==, MYMEM_BY_RLIMIT_AS);
                g_assert_cmpuint(memory.available, ==, 0);
                set_limit(RLIMIT_AS, RLIM_INFINITY);
                set_limit(RLIMIT_DATA, RLIM_INFINITY);
        }
}

static void test_rlimits(void) {
        struct rlimit space, data;
        World world;

        g_assert_cmpint(getrlimit(RLIMIT_AS, &space), ==, 0);
        g_assert_cmpint(getrlimit(RLIMIT_DATA, &data), ==, 0);
        g_assert_true(space.rlim_cur == RLIM_INFINITY && data.rlim_cur == RLIM_INFINITY);
        if (!world_enter(&world, 0))
                return;
        child_run(run_limited, &world);
        world_leave(&world);
}

/* Who is in no group has the machine. */
static void run_in_root(void *data) {
        const World *world = data;
        uint64_t total = group_meminfo("MemTotal");
        struct mymem memory;

        group_enter("/");
        world_choose(world, MYMEM_SOURCE_CGROUP);
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        g_assert_cmpuint(memory.source, ==, MYMEM_SOURCE_PROC);
        g_assert_cmpuint(memory.limit, ==, total);
        g_assert_cmpuint(memory.usage, ==, memory.working_set);
        g_assert_cmpuint(memory.available, ==, total - memory.usage);
        g_assert_cmpuint(memory.available_by, ==, MYMEM_BY_MACHINE);
        g_assert_cmpstr(memory.unit, ==, "");
        g_assert_cmpstr(memory.control_group, ==, "/");

        world_choose(world, MYMEM_SOURCE_SOCKET);
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        g_assert_cmpuint(memory.source, ==, MYMEM_SOURCE_SOCKET);
        g_assert_cmpuint(memory.limit, ==, total);
        g_assert_cmpuint(memory.available_by, ==, MYMEM_BY_MACHINE);
        g_assert_cmpstr(memory.control_group, ==, "/");
}

static void test_root(void) {
        World world;

        if (!world_enter(&world, 0))
                return;
        child_run(run_in_root, &world);
        world_leave(&world);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/figures/self", test_self);
        g_test_add_func("/figures/others", test_others);
        g_test_add_func("/figures/ended", test_ended);
        g_test_add_func("/figures/rlimits", test_rlimits);
        g_test_add_func("/figures/root", test_root);

        return g_test_run();
}
