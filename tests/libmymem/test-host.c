/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program that the library is in: its threads, children, signals, descriptors and connections are its
 * own. */

#include <errno.h>
#include <mymem.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "fake.h"
#include "private-bus.h"
#include "server.h"
#include "service.h"
#include "sources.h"

#define N_THREADS 8
#define N_CALLS 40

typedef struct Services {
        PrivateBus *bus;
        Service *service;
        Server *server;
} Services;

static void services_start(Services *services) {
        services->bus = private_bus_start();
        services->service = service_start(services->bus->address);
        services->server = server_start();
}

static void services_stop(Services *services) {
        server_stop(services->server);
        service_stop(services->service);
        private_bus_stop(services->bus);
}

/* What a thread is to get, and what it got. */
typedef struct Work {
        pthread_t thread;
        const struct mymem *wanted;
        unsigned n_right;
} Work;

static void *work(void *data) {
        Work *work = data;

        for (unsigned i = 0; i < N_CALLS; i++) {
                struct mymem memory;

                if (mymem_get(&memory) == 0 && memory.source == work->wanted->source &&
                    memory.limit == work->wanted->limit &&
                    strcmp(memory.control_group, work->wanted->control_group) == 0)
                        work->n_right++;
        }

        return NULL;
}

/* Where this test runs, there may be nothing to know; then there is nothing to compare either. */
static bool is_known(void) {
        struct mymem memory;

        sources_set(NULL, NULL);
        if (mymem_get(&memory) == 0)
                return true;

        g_test_skip("the memory hierarchy is not mounted");
        return false;
}

static void run_threads(void) {
        struct mymem wanted;
        Work works[N_THREADS];

        g_assert_cmpint(mymem_get(&wanted), ==, 0);
        for (size_t i = 0; i < N_THREADS; i++) {
                works[i] = (Work) { .wanted = &wanted };
                g_assert_cmpint(pthread_create(&works[i].thread, NULL, work, &works[i]), ==, 0);
        }
        for (size_t i = 0; i < N_THREADS; i++) {
                g_assert_cmpint(pthread_join(works[i].thread, NULL), ==, 0);
                g_assert_cmpuint(works[i].n_right, ==, N_CALLS);
        }
}

static void test_threads(void) {
        Services services;

        if (!is_known())
                return;
        services_start(&services);
        sources_set(services.server->path, NULL);
        run_threads();
        sources_set(NULL, services.bus->address);
        run_threads();
        sources_set(NULL, NULL);
        run_threads();
        services_stop(&services);
}

/* What a program has set up for itself. */
typedef struct Host {
        sigset_t mask;
        struct sigaction actions[_NSIG];
        mode_t umask;
        char directory[4096];
        int next_fd;
} Host;

static void take_host(Host *ret) {
        memset(ret, 0, sizeof(*ret));
        g_assert_cmpint(sigprocmask(SIG_SETMASK, NULL, &ret->mask), ==, 0);
        for (int i = 1; i < _NSIG; i++)
                (void) sigaction(i, NULL, &ret->actions[i]);
        ret->umask = umask(0);
        (void) umask(ret->umask);
        g_assert_nonnull(getcwd(ret->directory, sizeof(ret->directory)));
        ret->next_fd = dup(STDERR_FILENO);
        close(ret->next_fd);
}

static void check_host(const Host *before, const Host *after) {
        for (int i = 1; i < _NSIG; i++) {
                g_assert_cmpint(sigismember(&after->mask, i), ==, sigismember(&before->mask, i));
                g_assert_true(after->actions[i].sa_handler == before->actions[i].sa_handler);
                g_assert_cmpint(after->actions[i].sa_flags, ==, before->actions[i].sa_flags);
        }
        g_assert_cmpuint(after->umask, ==, before->umask);
        g_assert_cmpstr(after->directory, ==, before->directory);
        g_assert_cmpint(after->next_fd, ==, before->next_fd);
}

static int on_own_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        unsigned *n = userdata;

        (void) message;
        (void) error;
        (*n)++;
        return 0;
}

static void test_untouched(void) {
        static Host before, after;
        sd_event *event = NULL, *event_again = NULL;
        sd_bus *bus = NULL, *again = NULL;
        unsigned n_replies = 0, n_manners = 0;
        struct mymem memory;
        Services services;
        sigset_t mask;

        services_start(&services);
        g_assert_true(g_setenv("DBUS_SYSTEM_BUS_ADDRESS", services.bus->address, TRUE));

        /* The program's own connection, the same that sd_bus_default_system() gives to everybody in this
         * thread, with a call that is not answered yet; and its own event loop. */
        g_assert_cmpint(sd_event_default(&event), >=, 0);
        g_assert_cmpint(sd_bus_default_system(&bus), >=, 0);
        g_assert_cmpint(sd_bus_attach_event(bus, event, 0), >=, 0);
        g_assert_cmpint(sd_bus_call_method_async(bus,
                                                 NULL,
                                                 "org.mymem1",
                                                 "/org/mymem1",
                                                 "org.mymem1.Manager",
                                                 "GetMemory",
                                                 on_own_reply,
                                                 &n_replies,
                                                 NULL),
                        >=,
                        0);
        g_assert_cmpint(sigemptyset(&mask) | sigaddset(&mask, SIGUSR1) | sigaddset(&mask, SIGCHLD), ==, 0);
        g_assert_cmpint(sigprocmask(SIG_SETMASK, &mask, NULL), ==, 0);
        take_host(&before);

        sources_set(services.server->path, services.bus->address);
        (void) mymem_get(&memory);
        sources_set(NULL, services.bus->address);
        (void) mymem_get(&memory);
        for (FakeManner manner = 0; manner < _FAKE_COUNT; manner++, n_manners++) {
                Fake *fake = fake_listen(manner);

                sources_set(fake->path, NULL);
                (void) mymem_get(&memory);
                fake_stop(fake);
        }
        g_assert_cmpuint(n_manners, ==, _FAKE_COUNT);

        take_host(&after);
        check_host(&before, &after);
        g_assert_cmpint(sd_event_default(&event_again), >=, 0);
        g_assert_true(event_again == event);
        sd_event_unref(event_again);
        g_assert_cmpint(sd_bus_default_system(&again), >=, 0);
        g_assert_true(again == bus);
        sd_bus_unref(again);

        /* Nobody has taken the program's messages, or moved its loop. */
        g_assert_cmpuint(n_replies, ==, 0);
        while (n_replies == 0)
                g_assert_cmpint(sd_event_run(event, CLIENT_TIMEOUT_USEC), >, 0);
        g_assert_cmpint(sd_bus_is_open(bus), >, 0);

        g_assert_cmpint(sigemptyset(&mask) | sigprocmask(SIG_SETMASK, &mask, NULL), ==, 0);
        sd_bus_detach_event(bus);
        sd_bus_flush_close_unref(bus);
        sd_event_unref(event);
        services_stop(&services);
}

static void run_again(void *data) {
        const struct mymem *wanted = data;
        struct mymem memory;

        g_assert_cmpint(mymem_get(&memory), ==, 0);
        g_assert_cmpuint(memory.source, ==, wanted->source);
        g_assert_cmpuint(memory.limit, ==, wanted->limit);
        g_assert_cmpstr(memory.control_group, ==, wanted->control_group);
}

static void test_fork(void) {
        struct mymem memory;
        Services services;

        if (!is_known())
                return;
        services_start(&services);
        sources_set(services.server->path, NULL);
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        child_run(run_again, &memory);
        sources_set(NULL, services.bus->address);
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        child_run(run_again, &memory);
        services_stop(&services);
}

/* A service that was stopped still has a socket that takes connections, and a name on the bus. */
static void test_stopped(void) {
        struct mymem memory, direct;
        Services services;
        gint64 start;

        if (!is_known())
                return;
        g_assert_cmpint(mymem_get(&direct), ==, 0);
        services_start(&services);
        sources_set(services.server->path, services.bus->address);

        g_assert_cmpint(kill(services.server->pid, SIGSTOP), ==, 0);
        start = g_get_monotonic_time();
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        g_assert_cmpint(g_get_monotonic_time() - start, <, SOURCES_LIMIT_USEC);
        g_assert_cmpuint(memory.source, ==, MYMEM_SOURCE_BUS);
        g_assert_cmpuint(memory.limit, ==, direct.limit);

        g_assert_cmpint(kill(services.service->pid, SIGSTOP), ==, 0);
        start = g_get_monotonic_time();
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        g_assert_cmpint(g_get_monotonic_time() - start, <, SOURCES_LIMIT_USEC);
        g_assert_cmpuint(memory.source, ==, direct.source);
        g_assert_cmpuint(memory.limit, ==, direct.limit);

        g_assert_cmpint(kill(services.server->pid, SIGCONT), ==, 0);
        g_assert_cmpint(kill(services.service->pid, SIGCONT), ==, 0);
        g_assert_cmpint(mymem_get(&memory), ==, 0);
        g_assert_cmpuint(memory.source, ==, MYMEM_SOURCE_SOCKET);
        services_stop(&services);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/host/threads", test_threads);
        g_test_add_func("/host/untouched", test_untouched);
        g_test_add_func("/host/fork", test_fork);
        g_test_add_func("/host/stopped", test_stopped);

        return g_test_run();
}
