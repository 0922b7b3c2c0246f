/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bus is not there yet, or goes away and comes back: the socket is served all the time, the bus as soon
 * as it is there, and nothing is left of the one before. */

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "names.h"
#include "sanitized.h"
#include "socket.h"

#define PATIENCE_SEC 20
#define N_RETURNS 20
#define N_CALLERS 3

/* A caller with a new connection each time, as a program with libmymem is, of the bus or the socket. At the
 * socket it is answered always. */
static void call_on(const char *address, bool is_bus) {
        for (;;) {
                sd_bus *client = client_try(address);
                const char *error = "no connection";
                Figures figures;

                if (client)
                        error = client_figures(client, &figures, "GetMemory", NULL);
                if (error && !is_bus)
                        _exit(EXIT_FAILURE);
                if (!error && (figures.working_set > figures.usage || figures.limit == 0))
                        _exit(EXIT_FAILURE);
                sd_bus_close_unref(client);
        }
}

static pid_t start_caller(const char *address, bool is_bus) {
        pid_t pid = child_fork();

        if (pid == 0) {
                call_on(address, is_bus);
        }
        return pid;
}

static bool is_answered(const char *address) {
        sd_bus *client = client_try(address);
        bool answered = false;
        Figures figures;

        if (client)
                answered = !client_figures(client, &figures, "GetMemory", NULL);
        sd_bus_close_unref(client);
        return answered;
}

static void wait_for_bus(const Socket *stage) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;

        while (!is_answered(stage->bus->address))
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
}

static void test_late(Socket *stage, const void *data) {
        g_autofree char *listen_option = NULL, *address_option = NULL;
        Directory directory;
        Service *service;

        (void) data;
        private_bus_leave(stage->bus);
        directory_make(&directory);
        listen_option = g_strdup_printf("--listen=%s/bus", directory.path);
        address_option = g_strconcat("--address=", stage->bus->address, NULL);
        service_stop(stage->service);
        service = service_spawn_with(SERVICE_OPTIONS(address_option, listen_option), NULL, NULL, 0);
        g_assert_true(service_notified(
                service, "STATUS=Answering at the socket, waiting for the bus.", PATIENCE_SEC));
        g_assert_true(is_answered(directory.address));
        /* Who started it must not wait for the bus, and end it in the end. */
        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        g_assert_true(is_answered(directory.address));

        private_bus_return(stage->bus);
        g_assert_true(service_notified(service, "STATUS=Answering.", PATIENCE_SEC));
        g_assert_true(is_answered(stage->bus->address));
        g_assert_true(is_answered(directory.address));

        sd_bus_close_unref(stage->client);
        stage->client = client_open(directory.address);
        directory_remove(&stage->directory);
        stage->directory = directory;
        stage->service = service;
}

static void test_returns(Socket *stage, const void *data) {
        pid_t callers[2 * N_CALLERS];
        unsigned descriptors;
        uint64_t memory;

        (void) data;
        g_assert_true(is_answered(stage->bus->address));
        descriptors = socket_descriptors(stage);
        memory = service_memory(stage->service);

        for (unsigned i = 0; i < N_CALLERS; i++) {
                callers[2 * i] = start_caller(stage->bus->address, true);
                callers[2 * i + 1] = start_caller(stage->address, false);
        }
        for (unsigned i = 0; i < N_RETURNS; i++) {
                private_bus_leave(stage->bus);
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
                private_bus_return(stage->bus);
                wait_for_bus(stage);
                g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(callers); i++) {
                g_assert_cmpint(waitpid(callers[i], NULL, WNOHANG), ==, 0);
                child_kill(callers[i]);
        }

        /* Two for the one who asked last at the bus, and who is this test. */
        socket_settle(stage, descriptors + 2);
        g_test_message("%" G_GUINT64_FORMAT " bytes, then %" G_GUINT64_FORMAT,
                       memory,
                       service_memory(stage->service));
#ifndef SANITIZED
        g_assert_cmpuint(service_memory(stage->service), <=, memory + 2 * MIB);
#endif
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        if (!private_bus_is_installed()) {
                g_print("1..0 # SKIP %s is not installed\n", g_getenv("MYMEM_TEST_BROKER"));
                return EXIT_SUCCESS;
        }
        socket_add_with_bus("/bus-link/late", test_late);
        socket_add_with_bus("/bus-link/returns", test_returns);

        return g_test_run();
}
