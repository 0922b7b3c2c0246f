/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The service lives in a PID namespace, as in a container, and is asked by, or about, a process that lives
 * outside: it cannot see it, and says so. That the process has ended would be something else. */

#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "directory.h"
#include "driver.h"
#include "names.h"
#include "namespace.h"
#include "stage.h"

#define READY_SEC 10

/* The process that lives outside: this program, as it was started. */
static struct {
        int pidfd;
        int listen_fd;
        int fd; /* its connection there */
} outside;

static void test_driver(void) {
        Driver *driver = driver_start();

        for (unsigned i = 0; i < 2; i++) {
                Call *call = driver_call(
                        driver, ":1.42", MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory");

                if (i == 0) {
                        sd_bus_message *lookup = driver_next_lookup(driver);

                        driver_answer_fd(driver, lookup, 0, outside.pidfd);
                        sd_bus_message_unref(lookup);
                }
                driver_wait(driver, call);
                g_assert_cmpstr(call->error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
                call_free(call);
        }
        driver_stop(driver);
}

static void test_socket(void) {
        const Handover handover = { outside.listen_fd, "socket" };
        Service *service = service_spawn_with(SERVICE_OPTIONS("--address=none"), NULL, &handover, 1);
        sd_bus *client = client_adopt(outside.fd);
        Figures figures;

        g_assert_true(service_notified(service, "READY=1", READY_SEC));
        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, MYMEM_ERROR_UNKNOWN_CALLER);
        sd_bus_flush_close_unref(client);
        service_stop(service);
}

static void test_named(Stage *stage, const void *data) {
        const char *unit, *path;
        Figures figures;

        (void) data;
        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemoryByPIDFD", "h", outside.pidfd),
                        ==,
                        MYMEM_ERROR_NOT_SUPPORTED);
        g_assert_cmpstr(client_unit(stage->client, &unit, &path, "GetUnitByPIDFD", "h", outside.pidfd),
                        ==,
                        MYMEM_ERROR_NOT_SUPPORTED);
}

int main(int argc, char **argv) {
        Directory directory;
        int r;

        g_test_init(&argc, &argv, NULL);
        directory_make(&directory);
        outside.pidfd = child_pidfd(getpid());
        outside.listen_fd = directory_listen(&directory, 0);
        outside.fd = client_connect(directory.address);

        g_test_add_func("/outside/driver", test_driver);
        g_test_add_func("/outside/socket", test_socket);
        stage_add("/outside/named", test_named);

        r = namespace_main(stage_run);
        directory_remove(&directory);
        return r;
}
