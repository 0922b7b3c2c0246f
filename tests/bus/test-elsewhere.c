/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Callers that live in namespaces of their own, see nothing of the machine, or whose first thread has ended:
 * each gets the figures of its own unit, over the bus and on the socket. */

#include <glib.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "slice.h"
#include "socket.h"
#include "stage.h"

#define OWN_LIMIT (64 * MIB)
#define OTHER_LIMIT (96 * MIB)
#define N_CALLS 3
#define IMPOSSIBLE 77

/* Where a caller is. */
typedef struct Place {
        const char *name;
        int namespaces;     /* of unshare() */
        bool has_root;      /* an empty directory is its root */
        bool has_numbers;   /* of processes, which are the service's, too */
        bool is_leaderless; /* its first thread ends before the service looks who has connected */
        bool is_known;      /* or rather, after it has called */
} Place;

static const Place places[] = {
        { "user", CLONE_NEWUSER, false, true, false, false },
        { "pid", CLONE_NEWPID, false, false, false, false },
        { "user-pid", CLONE_NEWUSER | CLONE_NEWPID, false, false, false, false },
        { "mount", CLONE_NEWNS, false, true, false, false },
        { "control-group", CLONE_NEWCGROUP, false, true, false, false },
        { "network", CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS, false, true, false, false },
        { "root", 0, true, true, false, false },
        { "everything",
          CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWNET,
          true,
          false,
          false,
          false },
        { "leaderless", 0, false, true, true, false },
        { "leaderless-known", 0, false, true, true, true },
};

/* A caller there. */
typedef struct Visitor {
        const Place *place;
        const char *addresses[2]; /* of the bus, and of the socket */
        pid_t service;
        int fds[2];
        sd_bus *clients[2];
        char *group, *unit;
        char *other_group, *other_unit;
        char *root;
} Visitor;

static void ask(sd_bus *bus, const char *wanted, uint64_t limit) {
        const char *unit, *path;
        Figures figures;

        for (unsigned i = 0; i < N_CALLS; i++) {
                g_assert_cmpstr(client_figures(bus, &figures, "GetMemory", NULL), ==, NULL);
                g_assert_cmpuint(figures.limit, ==, limit);
                g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnit", NULL), ==, NULL);
                g_assert_cmpstr(unit, ==, wanted);
        }
}

/* On the bus, where others can be named: itself, by number. */
static void ask_by_number(const Visitor *visitor, sd_bus *bus, uint64_t limit) {
        const char *error = visitor->place->has_numbers ? NULL : MYMEM_ERROR_NOT_SUPPORTED;
        Figures figures;

        g_assert_cmpstr(client_figures(bus, &figures, "GetMemoryByPID", "u", getpid()), ==, error);
        if (!error)
                g_assert_cmpuint(figures.limit, ==, limit);
}

static void ask_both(const Visitor *visitor, const char *unit, uint64_t limit) {
        for (size_t i = 0; i < G_N_ELEMENTS(visitor->clients); i++) {
                ask(visitor->clients[i], unit, limit);
                if (i == 0)
                        ask_by_number(visitor, visitor->clients[i], limit);
        }
}

static void meet(Visitor *visitor) {
        for (size_t i = 0; i < G_N_ELEMENTS(visitor->fds); i++)
                visitor->clients[i] = client_adopt(visitor->fds[i]);
        ask_both(visitor, visitor->unit, OWN_LIMIT);
}

static void part(Visitor *visitor) {
        for (size_t i = 0; i < G_N_ELEMENTS(visitor->clients); i++)
                sd_bus_flush_close_unref(visitor->clients[i]);
        _exit(EXIT_SUCCESS);
}

/* Waits until the first thread has ended; there is nothing that would say so. */
static void *outlive(void *data) {
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        Visitor *visitor = data;
        bool is_dead = false;

        while (!is_dead && g_get_monotonic_time() < deadline) {
                g_autofree char *text = NULL;

                g_assert_true(g_file_get_contents("/proc/self/stat", &text, NULL, NULL));
                is_dead = strrchr(text, ')')[2] == 'Z';
        }
        g_assert_true(is_dead);
        g_assert_cmpint(kill(visitor->service, SIGCONT), ==, 0);

        if (visitor->place->is_known)
                ask_both(visitor, visitor->unit, OWN_LIMIT);
        else
                meet(visitor);
        /* A process can be moved without its first thread. */
        group_enter(visitor->other_group);
        ask_both(visitor, visitor->other_unit, OTHER_LIMIT);
        part(visitor);
        return NULL;
}

static void leave_to_thread(Visitor *visitor) {
        pthread_t thread;

        if (visitor->place->is_known)
                meet(visitor);
        g_assert_cmpint(pthread_create(&thread, NULL, outlive, visitor), ==, 0);
        (void) syscall(SYS_exit, 0); /* of this thread alone */
}

/* It connects where it is, but for a root in which there is no socket. */
static void arrive(Visitor *visitor) {
        if (visitor->place->is_leaderless && !visitor->place->is_known)
                child_stop(visitor->service);
        for (size_t i = 0; i < G_N_ELEMENTS(visitor->fds); i++)
                visitor->fds[i] = client_connect(visitor->addresses[i]);
        if (visitor->place->has_root) {
                g_assert_cmpint(chroot(visitor->root), ==, 0);
                g_assert_cmpint(chdir("/"), ==, 0);
        }
        if (visitor->place->is_leaderless)
                leave_to_thread(visitor);
        meet(visitor);
        part(visitor);
}

static void run_visitor(Visitor *visitor) {
        int status;
        pid_t pid;

        group_enter(visitor->group);
        if (unshare(visitor->place->namespaces) < 0)
                _exit(IMPOSSIBLE);
        /* Not this process but its children live in a new PID namespace. */
        if (!(visitor->place->namespaces & CLONE_NEWPID))
                arrive(visitor);
        pid = fork();
        g_assert_cmpint(pid, >=, 0);
        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                arrive(visitor);
        }
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

static void test_place(Socket *stage, const void *data) {
        Visitor visitor = { .place = data,
                            .addresses = { stage->bus->address, stage->address },
                            .service = stage->service->pid };
        Slice *slice = slice_new();
        int status;
        pid_t pid;

        if (!slice)
                return;
        visitor.unit = slice_name(slice, "%-visitor.service");
        visitor.group = slice_group(slice, "%-visitor.service");
        visitor.root = g_dir_make_tmp("mymem-root-XXXXXX", NULL);
        g_assert_nonnull(visitor.root);
        group_write(visitor.group, "memory.limit_in_bytes", OWN_LIMIT);
        visitor.other_unit = slice_name(slice, "%-other.service");
        visitor.other_group = slice_group(slice, "%-other.service");
        group_write(visitor.other_group, "memory.limit_in_bytes", OTHER_LIMIT);

        pid = child_fork();
        if (pid == 0)
                run_visitor(&visitor);
        status = child_wait(pid, CHILD_PATIENCE_SEC);
        g_assert_cmpint(rmdir(visitor.root), ==, 0);
        slice_free(slice);
        g_assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == IMPOSSIBLE)
                g_test_skip("there can be no such namespaces here");
        else
                g_assert_cmpint(WEXITSTATUS(status), ==, EXIT_SUCCESS);

        g_free(visitor.unit);
        g_free(visitor.group);
        g_free(visitor.other_unit);
        g_free(visitor.other_group);
        g_free(visitor.root);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
                g_autofree char *name = g_strconcat("/elsewhere/", places[i].name, NULL);

                socket_add_data_with_bus(name, &places[i], test_place);
        }

        return stage_run();
}
