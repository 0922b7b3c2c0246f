/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is calling: whatever a caller does, it gets its own figures or an error, and nobody else's. */

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "namespace.h"
#include "slice.h"
#include "stage.h"

#define NOBODY 65534
#define N_USERS 64
#define N_MOVES 1000

#define FIRST_LIMIT (64 * MIB)
#define SECOND_LIMIT (96 * MIB)

/* Where we are is looked up at each call: processes move. */
static void test_moved(Stage *stage, const void *data) {
        g_autofree char *first = NULL, *second = NULL;
        Figures figures;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        first = slice_group(slice, "%-first.service");
        second = slice_group(slice, "%-second.service");
        group_write(first, "memory.limit_in_bytes", FIRST_LIMIT);
        group_write(second, "memory.limit_in_bytes", SECOND_LIMIT);

        for (unsigned i = 0; i < N_MOVES; i++) {
                group_enter(i % 2 == 0 ? first : second);
                g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpuint(figures.limit, ==, i % 2 == 0 ? FIRST_LIMIT : SECOND_LIMIT);
        }

        /* A limit that changes is seen at once as well. */
        group_write(second, "memory.limit_in_bytes", FIRST_LIMIT);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, FIRST_LIMIT);

        slice_free(slice);
}

/* A group goes, and another one comes under its name, with another limit: nothing of the first is told. */
static void test_made_again(Stage *stage, const void *data) {
        g_autofree char *home = NULL, *unit = NULL;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        home = slice_group(slice, "%-home.service");
        unit = slice_group(slice, "%-unit.service");

        for (unsigned i = 0; i < N_MOVES; i++) {
                const char *name, *path;
                Figures figures, named;

                group_enter(home);
                group_remove(unit);
                group_make(unit);
                group_write(unit, "memory.limit_in_bytes", FIRST_LIMIT + i * MIB);
                group_enter(unit);

                g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpuint(figures.limit, ==, FIRST_LIMIT + i * MIB);
                /* What the groups before it were charged with is not its own. */
                g_assert_cmpuint(figures.usage, <=, group_number(unit, "memory.max_usage_in_bytes"));
                g_assert_cmpstr(
                        client_figures(stage->client, &named, "GetMemoryByPID", "u", getpid()), ==, NULL);
                g_assert_cmpuint(named.limit, ==, figures.limit);
                g_assert_cmpstr(client_unit(stage->client, &name, &path, "GetUnitByControlGroup", "s", unit),
                                ==,
                                NULL);
        }
        slice_free(slice);
}

/* On v1 a process may be in one group for systemd and in another for the memory controller: the name is of
 * the one, the figures are of the other. */
static void test_user_unit(Stage *stage, const void *data) {
        g_autofree char *manager = NULL, *app = NULL, *name = NULL, *object = NULL;
        const char *unit, *path;
        Figures figures;
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;
        name = slice_name(slice, "%-app.service");
        manager = slice_group(slice, "user@4711.service");
        app = slice_group(slice, "user@4711.service/%-app.service");
        object = client_object(manager);
        group_write(manager, "memory.limit_in_bytes", FIRST_LIMIT);
        group_enter_memory(manager);
        group_enter_systemd(app);

        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(unit, ==, name);
        g_assert_cmpstr(path, ==, object);
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, FIRST_LIMIT);

        slice_free(slice);
}

/* The first process of a PID namespace below ours. */
static void call_from_namespace(const void *data) {
        sd_bus *bus = client_open(data);
        int pidfd = child_pidfd(getpid());
        const char *unit, *path;
        Figures figures;

        /* Its numbers mean other processes to the service. */
        g_assert_cmpstr(
                client_figures(bus, &figures, "GetMemoryByPID", "u", 1), ==, MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(
                client_figures(bus, &figures, "GetMemoryByPID", "u", 2), ==, MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(
                client_unit(bus, &unit, &path, "GetUnitByPID", "u", 1), ==, MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnitByPID", "u", UINT32_MAX),
                        ==,
                        MYMEM_ERROR_NOT_SUPPORTED);

        g_assert_cmpstr(client_figures(bus, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpstr(client_figures(bus, &figures, "GetMemoryByPID", "u", 0), ==, NULL);
        g_assert_cmpstr(client_figures(bus, &figures, "GetMemoryByPIDFD", "h", pidfd), ==, NULL);
        g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnitByPID", "u", 0), ==, NULL);
        g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnitByPIDFD", "h", pidfd), ==, NULL);
        sd_bus_flush_close_unref(bus);
}

static void test_namespace(Stage *stage, const void *data) {
        (void) data;

        (void) namespace_run(call_from_namespace, stage->bus->address);
}

static void call_as_nobody(const char *address, pid_t parent, int gate_fd) {
        const char *unit, *path;
        sd_bus *bus;
        Figures figures;

        g_assert_cmpint(setresgid(NOBODY, NOBODY, NOBODY), ==, 0);
        g_assert_cmpint(setresuid(NOBODY, NOBODY, NOBODY), ==, 0);
        child_bind(parent);

        /* All at once, when the other end is closed. */
        g_assert_false(child_hear(gate_fd));
        bus = client_open(address);
        for (unsigned i = 0; i < 5; i++) {
                g_assert_cmpstr(client_figures(bus, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpuint(figures.limit, >, 0);
                g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnit", NULL), ==, NULL);
                g_assert_cmpstr(client_get(bus, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "Usage"), ==, NULL);
        }
        sd_bus_flush_close_unref(bus);
}

/* Waits until the service has let go of all but 'n' descriptors, asking it something else in between. */
static void wait_for_descriptors(Stage *stage, unsigned n) {
        gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

        while (service_descriptors(stage->service) > n && g_get_monotonic_time() < deadline)
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpuint(service_descriptors(stage->service), <=, n);
}

static void test_users(Stage *stage, const void *data) {
        pid_t pids[N_USERS], parent = getpid();
        unsigned descriptors;
        Figures figures;
        int gate[2];

        (void) data;
        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return;
        }
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        descriptors = service_descriptors(stage->service);

        g_assert_cmpint(pipe2(gate, O_CLOEXEC), ==, 0);
        for (size_t i = 0; i < N_USERS; i++) {
                pids[i] = child_fork();
                if (pids[i] == 0) {
                        close(gate[1]);
                        call_as_nobody(stage->bus->address, parent, gate[0]);
                        _exit(EXIT_SUCCESS);
                }
        }
        close(gate[0]);
        close(gate[1]);
        for (size_t i = 0; i < N_USERS; i++)
                g_assert_cmpint(child_wait(pids[i], CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);

        /* What was kept of a process goes with it. */
        wait_for_descriptors(stage, descriptors);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/caller/moved", test_moved);
        stage_add("/caller/made-again", test_made_again);
        stage_add("/caller/user-unit", test_user_unit);
        stage_add("/caller/namespace", test_namespace);
        stage_add("/caller/users", test_users);

        return stage_run();
}
