/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The daemon as a program: its options, its life under a service manager, its end. */

#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "client.h"
#include "command.h"
#include "names.h"
#include "private-bus.h"
#include "service.h"
#include "stage.h"

#define PATIENCE_SEC 60

/* Runs the program with one argument, as nobody's service. */
static int run_service(const char *argument, char **ret_output, char **ret_complaint) {
        return command_run(COMMAND(g_getenv("MYMEM_SERVICE"), argument), ret_output, ret_complaint);
}

static void test_information(void) {
        g_autofree char *help = NULL, *help_complaint = NULL, *version = NULL, *version_complaint = NULL;

        g_assert_cmpint(run_service("--help", &help, &help_complaint), ==, EXIT_SUCCESS);
        g_assert_nonnull(strstr(help, "--address"));
        g_assert_nonnull(strstr(help, "--version"));
        g_assert_cmpstr(help_complaint, ==, "");

        g_assert_cmpint(run_service("--version", &version, &version_complaint), ==, EXIT_SUCCESS);
        g_assert_true(g_str_has_prefix(version, "my"));
        g_assert_cmpstr(version_complaint, ==, "");
}

static void test_usage(void) {
        static const char *const arguments[] = { "--no-such-option", "-Q", "argument", "--address" };

        for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++) {
                g_autofree char *output = NULL, *complaint = NULL;
                int status;

                g_test_message("mymemd %s", arguments[i]);
                status = run_service(arguments[i], &output, &complaint);
                g_assert_cmpint(status, >=, 1);
                g_assert_cmpint(status, <=, 2);
                g_assert_cmpstr(output, ==, "");
                g_assert_cmpstr(complaint, !=, "");
        }
}

/* One sentence that says which address it is. */
static void test_bad_address(void) {
        static const char *const addresses[] = { "nonsense", "unix:path=/nonexistent/bus", "tcp:", "unix:" };

        for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
                g_autofree char *option = g_strconcat("--address=", addresses[i], NULL), *complaint = NULL;

                g_assert_cmpint(run_service(option, NULL, &complaint), ==, EXIT_FAILURE);
                g_test_message("%s", complaint);
                g_assert_nonnull(strstr(complaint, addresses[i]));
        }
}

static void test_name_taken(void) {
        PrivateBus *bus = private_bus_start();
        Service *service = service_start(bus->address);
        g_autofree char *option = g_strconcat("--address=", bus->address, NULL), *complaint = NULL;
        sd_bus *client;
        Figures figures;

        g_assert_cmpint(run_service(option, NULL, &complaint), ==, EXIT_FAILURE);
        g_assert_nonnull(strstr(complaint, MYMEM_BUS_NAME));

        /* The first is not harmed. */
        client = client_open(bus->address);
        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
        sd_bus_flush_close_unref(client);
        service_stop(service);
        private_bus_stop(bus);
}

static void test_bus_gone(void) {
        PrivateBus *bus = private_bus_start();
        Service *service = service_start(bus->address);

        private_bus_stop(bus);
        g_assert_cmpint(service_wait(service), ==, EXIT_SUCCESS);
}

static void test_terminated(void) {
        static const int signals[] = { SIGTERM, SIGINT };
        PrivateBus *bus = private_bus_start();

        for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
                Service *service = service_start(bus->address);

                g_assert_cmpint(kill(service->pid, signals[i]), ==, 0);
                g_assert_true(service_notified(service, "STOPPING=1", PATIENCE_SEC));
                g_assert_cmpint(service_wait(service), ==, EXIT_SUCCESS);
        }
        private_bus_stop(bus);
}

/* Who is told that the service is ready finds its name on the bus. */
static void test_ready(void) {
        PrivateBus *bus = private_bus_start();

        for (unsigned i = 0; i < 10; i++) {
                Service *service = service_start(bus->address);
                sd_bus *client = client_open(bus->address);
                Figures figures;

                g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
                sd_bus_flush_close_unref(client);
                service_stop(service);
        }
        private_bus_stop(bus);
}

/* Without an address the service takes the system bus. */
static void test_system_bus(void) {
        PrivateBus *bus = private_bus_start();
        g_autofree char *variable = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", bus->address, NULL);
        Service *service = service_spawn(NULL, variable);
        sd_bus *client = client_open(bus->address);
        Figures figures;

        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
        sd_bus_flush_close_unref(client);
        service_stop(service);
        private_bus_stop(bus);
}

static void test_watchdog(void) {
        PrivateBus *bus = private_bus_start();
        Service *service = service_spawn(bus->address, "WATCHDOG_USEC=500000");

        g_assert_true(service_notified(service, "READY=1", PATIENCE_SEC));
        g_assert_true(service_notified(service, "WATCHDOG=1", PATIENCE_SEC));
        service_stop(service);
        private_bus_stop(bus);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/main/information", test_information);
        g_test_add_func("/main/usage", test_usage);
        g_test_add_func("/main/bad-address", test_bad_address);
        g_test_add_func("/main/name-taken", test_name_taken);
        g_test_add_func("/main/bus-gone", test_bus_gone);
        g_test_add_func("/main/terminated", test_terminated);
        g_test_add_func("/main/ready", test_ready);
        g_test_add_func("/main/system-bus", test_system_bus);
        g_test_add_func("/main/watchdog", test_watchdog);

        return stage_run();
}
