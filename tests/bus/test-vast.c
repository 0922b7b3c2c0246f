/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages on the bus that are as large as the bus lets them be, which sd-bus reads before anybody sees
 * them. One that fits into what the service may have is forgotten afterwards; one that does not costs the
 * service its connection to the bus, which it makes anew, and never itself. */

#include <glib.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attack.h"
#include "client.h"
#include "figure.h"
#include "names.h"
#include "socket.h"
#include "stage.h"

#define DATA_MAX (48 * MIB) /* as in the unit */
#define LESS_MAX (24 * MIB) /* what a dbus-daemon lets through is not larger than the former */
#define MEMORY_MAX (16 * MIB)
#define N_MESSAGES 3
#define PATIENCE_SEC 60

static const char waiting[] = "STATUS=Answering at the socket, waiting for the bus.";

static const Attack attack = {
        .name = "vast",
        .calls = { { .path = MYMEM_MANAGER_PATH,
                     .interface = MYMEM_MANAGER_INTERFACE,
                     .member = "GetMemory" } },
        .n_text = 30 * MIB,
};

static void bound_service(const Service *service, rlim_t n) {
        const struct rlimit limit = { n, n };

        g_assert_cmpint(prlimit(service->pid, RLIMIT_DATA, &limit, NULL), ==, 0);
}

static const char *ask_over_bus(const Socket *stage) {
        sd_bus *bus = client_open(stage->bus->address);
        const char *error;
        Figures figures;

        error = client_figures(bus, &figures, "GetMemory", NULL);
        sd_bus_flush_close_unref(bus);
        return error;
}

/* Whoever asks at the socket is answered all the time. */
static void check_socket(const Socket *stage) {
        Figures figures;

        g_assert_cmpstr(client_figures(stage->client, &figures, "GetMemory", NULL), ==, NULL);
}

/* Waits until somebody on the bus is answered, and the memory is given back. */
static void check_after(const Socket *stage) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;

        while (ask_over_bus(stage) || (service_is_bare() && service_memory(stage->service) > MEMORY_MAX)) {
                check_socket(stage);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
}

/* Waits until the service holds one of the messages, or none any more. */
static void wait_for_message(const Socket *stage, bool is_held, gint64 deadline) {
        while ((service_memory(stage->service) > MEMORY_MAX) != is_held) {
                check_socket(stage);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
}

/* The memory of a service in a wrapper, or with a sanitizer, is not its own alone; there it is only seen
 * that it goes on. */
static bool begin(const Socket *stage, rlim_t limit, Attacker *ret) {
        if (geteuid() != 0) {
                g_test_skip("only root can be somebody else");
                return false;
        }

        if (service_is_bare())
                bound_service(stage->service, limit);
        *ret = attack_start(&attack, stage->bus->address, MYMEM_BUS_NAME, NULL);
        return true;
}

static void test_fits(Socket *stage, const void *data) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;
        Attacker attacker;

        (void) data;
        if (!begin(stage, DATA_MAX, &attacker))
                return;

        for (unsigned n = 0; service_is_bare() && n < N_MESSAGES; n++) {
                wait_for_message(stage, true, deadline);
                wait_for_message(stage, false, deadline);
        }
        attack_end(&attacker);
        check_after(stage);
        g_assert_false(service_notified(stage->service, waiting, 0));
}

static void test_does_not_fit(Socket *stage, const void *data) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;
        Attacker attacker;

        (void) data;
        if (!begin(stage, LESS_MAX, &attacker))
                return;

        while (service_is_bare() && !service_notified(stage->service, waiting, 0)) {
                check_socket(stage);
                g_assert_cmpuint(service_memory(stage->service), <=, LESS_MAX);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
        attack_end(&attacker);
        check_after(stage);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/vast/fits", test_fits);
        socket_add_with_bus("/vast/does-not-fit", test_does_not_fit);

        return stage_run();
}
