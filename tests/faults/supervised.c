/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "supervised.h"

#include <glib.h>
#include <sys/wait.h>

#include "client.h"
#include "filter.h"
#include "group.h"
#include "names.h"

#define RECOVERED_USEC (10 * G_USEC_PER_SEC)

/* What is kept open for who asks again comes and goes. What is lost, one with each fault, is more. */
#define DESCRIPTORS_MORE 40

bool supervised_set_up(Supervised *supervised) {
        g_autofree char *number = NULL;
        int fd;

        *supervised = (Supervised) { 0 };
        if (!filter_is_possible()) {
                g_test_skip("no process can be supervised");
                return false;
        }
        if (!scene_enter(&supervised->scene, SCENE_UNIT_LIMIT))
                return false;

        supervised->fault = fault_new();
        supervised->supervisor = supervisor_new(supervised->fault, &fd);
        number = g_strdup_printf("%d", fd);
        g_assert_true(g_setenv("MYMEM_TEST_SUPERVISOR", number, TRUE));
        socket_set_up_with_bus(&supervised->stage, NULL);
        group_enter(supervised->scene.group);
        for (size_t i = 0; i < SUPERVISED_CLIENTS; i++)
                supervised->clients[i] = client_open(supervised_address(supervised, i));

        for (size_t i = 0; i < SUPERVISED_CLIENTS; i++)
                supervised_recover(supervised, &asks[0], i);
        supervisor_settle(supervised->supervisor);
        supervised->descriptors = service_descriptors(supervised->stage.service);
        return true;
}

void supervised_tear_down(Supervised *supervised) {
        for (size_t i = 0; i < SUPERVISED_CLIENTS; i++)
                sd_bus_close_unref(supervised->clients[i]);
        socket_tear_down(&supervised->stage, NULL);
        supervisor_free(supervised->supervisor);
        fault_free(supervised->fault);
        scene_leave(&supervised->scene);
}

const char *supervised_address(const Supervised *supervised, size_t i) {
        return i == 0 ? supervised->stage.bus->address : supervised->stage.address;
}

/* A connection of whose socket sd-bus could not find out what it is passes no descriptors until its end. */
static bool passes_no_descriptors(const char *error) {
        return g_str_equal(error, MYMEM_ERROR_NOT_SUPPORTED);
}

bool supervised_is_right(const Supervised *supervised, const Ask *ask, sd_bus *client, bool optional) {
        gint64 end = g_get_monotonic_time() + RECOVERED_USEC;
        const char *error;

        while ((error = ask->ask(&supervised->scene, client)) && sd_bus_is_open(client) > 0 &&
               !(optional && passes_no_descriptors(error)))
                if (g_get_monotonic_time() > end)
                        g_error("%s: still %s", ask->name, error);

        return !error;
}

void supervised_recover(Supervised *supervised, const Ask *ask, size_t i) {
        while (!supervised_is_right(supervised, ask, supervised->clients[i], false)) {
                sd_bus_close_unref(supervised->clients[i]);
                supervised->clients[i] = client_open(supervised_address(supervised, i));
        }
}

void supervised_check(Supervised *supervised) {
        gint64 end = g_get_monotonic_time() + RECOVERED_USEC;
        Service *service = supervised->stage.service;
        unsigned n;

        g_assert_cmpint(waitpid(service->pid, NULL, WNOHANG), ==, 0);
        /* It says when the bus goes and comes, and waits once ten of that are unread. */
        (void) service_notified(service, "", 0);
        do {
                supervisor_settle(supervised->supervisor);
                n = service_descriptors(service);
        } while (n > supervised->descriptors + DESCRIPTORS_MORE && g_get_monotonic_time() < end);
        g_assert_cmpuint(n, <=, supervised->descriptors + DESCRIPTORS_MORE);
}
