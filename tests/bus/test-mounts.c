/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the service can see depends on what is mounted where it lives: what happens when that changes, and
 * when it is not enough. Each test plays in a mount namespace of its own. */

#include <glib.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "stage.h"

#define UNIT_LIMIT (64 * MIB)
#define PATIENCE_USEC (20 * G_USEC_PER_SEC)

static bool enter_namespace(void) {
        return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static void run_in_namespace(void (*function)(void *data)) {
        pid_t pid = child_fork();

        if (pid == 0)
                _exit(enter_namespace() ? EXIT_SUCCESS : EXIT_FAILURE);
        if (child_wait(pid, CHILD_PATIENCE_SEC) == 0)
                child_run(function, NULL);
        else
                g_test_skip("no mount namespace can be made here");
}

static const char *ask(const Stage *stage, uint64_t *ret_limit) {
        Figures figures = { 0 };
        const char *error;

        error = client_figures(stage->client, &figures, "GetMemory", NULL);
        *ret_limit = figures.limit;
        return error;
}

/* Asks until the answer is that error, or none and the limit. */
static void wait_for(const Stage *stage, const char *wanted, uint64_t limit) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_USEC;
        const char *error;
        uint64_t got;

        do
                error = ask(stage, &got);
        while (g_strcmp0(error, wanted) != 0 && g_get_monotonic_time() < deadline);
        g_assert_cmpstr(error, ==, wanted);
        if (!wanted)
                g_assert_cmpuint(got, ==, limit);
}

/* The hierarchy is covered by something else, and seen again. */
static void cover(void *data) {
        g_autofree char *hierarchy = group_memory_directory("");
        Stage stage;

        (void) data;
        g_assert_true(enter_namespace());
        stage_set_up(&stage, NULL);
        wait_for(&stage, NULL, UNIT_LIMIT);
        g_assert_cmpint(mount("none", hierarchy, "tmpfs", 0, NULL), ==, 0);
        wait_for(&stage, MYMEM_ERROR_NO_MEMORY_CONTROLLER, 0);
        g_assert_cmpint(umount(hierarchy), ==, 0);
        wait_for(&stage, NULL, UNIT_LIMIT);
        stage_tear_down(&stage, NULL);
}

static void test_covered(void) {
        g_autofree char *unit = NULL;
        Slice *slice = slice_new();

        if (!slice)
                return;

        unit = slice_group(slice, "%-unit.service");
        group_write(unit, "memory.limit_in_bytes", UNIT_LIMIT);
        group_enter(unit);
        run_in_namespace(cover);
        slice_leave(slice);
        slice_free(slice);
}

/* /proc shows a process only to who may trace it: the service says so, and is wrong about nobody. What is
 * not about processes it answers. */
static void hide(void *data) {
        static const char *const members[] = { "GetMemory", "GetAvailable", "GetUnit", "OpenMemory" };
        static const char *const by_pid[] = { "GetMemoryByPID", "GetUnitByPID" };
        Stage stage;

        (void) data;
        g_assert_true(enter_namespace());
        g_assert_cmpint(mount("proc", "/proc", "proc", 0, "hidepid=2,gid=65533"), ==, 0);
        g_assert_cmpint(prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE), ==, 0);
        stage_set_up(&stage, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
                g_assert_cmpstr(client_call(stage.client,
                                            NULL,
                                            MYMEM_MANAGER_PATH,
                                            MYMEM_MANAGER_INTERFACE,
                                            members[i],
                                            NULL),
                                ==,
                                MYMEM_ERROR_NOT_SUPPORTED);
        for (size_t i = 0; i < G_N_ELEMENTS(by_pid); i++)
                g_assert_cmpstr(client_call(stage.client,
                                            NULL,
                                            MYMEM_MANAGER_PATH,
                                            MYMEM_MANAGER_INTERFACE,
                                            by_pid[i],
                                            "u",
                                            1),
                                ==,
                                MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(client_call(stage.client,
                                    NULL,
                                    MYMEM_MANAGER_PATH,
                                    MYMEM_MANAGER_INTERFACE,
                                    "GetUnitByControlGroup",
                                    "s",
                                    "/"),
                        ==,
                        NULL);
        stage_tear_down(&stage, NULL);
}

static void test_hidden(void) {
        run_in_namespace(hide);
}

/* Without a /proc it does not start, rather than answer everybody with an error. */
static void take_away(void *data) {
        PrivateBus *bus = private_bus_start();
        Service *service;

        (void) data;
        g_assert_true(enter_namespace());
        g_assert_cmpint(mount("none", "/proc", "tmpfs", 0, NULL), ==, 0);
        service = service_spawn(bus->address, NULL);
        g_assert_false(service_notified(service, "READY=1", CHILD_PATIENCE_SEC));
        g_assert_cmpint(service_wait(service), ==, EXIT_FAILURE);
        private_bus_stop(bus);
}

static void test_nothing(void) {
        run_in_namespace(take_away);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/mounts/covered", test_covered);
        g_test_add_func("/mounts/hidden", test_hidden);
        g_test_add_func("/mounts/nothing", test_nothing);
        return stage_run();
}
