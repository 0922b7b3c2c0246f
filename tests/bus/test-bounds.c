/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How much waits for the bus driver at most: one question for each caller, so many calls of each, so many
 * callers. */

#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

#include "driver.h"
#include "figure.h"
#include "names.h"

#define MAX_WAITING 64  /* calls of one caller */
#define MAX_LOOKUPS 256 /* questions on their way */
#define MAX_BYTES ((size_t) 8 * MIB)
#define MAX_MEMORY (16 * MIB)
#define LARGE ((size_t) 15 * 1024)

static Call *call_get_memory(Driver *driver, const char *sender) {
        return driver_call(driver, sender, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory");
}

static void introduce(Driver *driver, const char *sender) {
        Call *call = call_get_memory(driver, sender);
        sd_bus_message *lookup = driver_next_lookup(driver);

        driver_answer(driver, lookup, getpid());
        sd_bus_message_unref(lookup);
        driver_wait(driver, call);
        g_assert_cmpstr(call->error, ==, NULL);
        call_free(call);
}

static void check_known(Driver *driver, const char *sender) {
        Call *call = call_get_memory(driver, sender);

        driver_wait(driver, call);
        g_assert_cmpstr(call->error, ==, NULL);
        call_free(call);
}

/* How many of the calls have been answered with 'error' by now. */
static unsigned count_answers(Call *const *calls, size_t n, const char *error) {
        unsigned count = 0;

        for (size_t i = 0; i < n; i++)
                count += calls[i]->reply && g_strcmp0(calls[i]->error, error) == 0;
        return count;
}

static void free_calls(Call **calls, size_t n) {
        for (size_t i = 0; i < n; i++)
                call_free(calls[i]);
}

/* The calls of one caller share one question, and no more than so many wait for it. */
static void test_calls(void) {
        Driver *driver = driver_start();
        Call *calls[MAX_WAITING + 16];
        sd_bus_message *lookup;

        introduce(driver, ":1.41");
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                calls[i] = call_get_memory(driver, ":1.42");
        driver_ping(driver);
        check_known(driver, ":1.41");
        g_assert_cmpuint(driver_count(driver, ":1.42"), ==, 1);
        g_assert_cmpuint(count_answers(calls, G_N_ELEMENTS(calls), MYMEM_ERROR_LIMITS_EXCEEDED),
                         ==,
                         G_N_ELEMENTS(calls) - MAX_WAITING);

        lookup = driver_next_lookup(driver);
        driver_answer(driver, lookup, getpid());
        sd_bus_message_unref(lookup);
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                driver_wait(driver, calls[i]);
        g_assert_cmpuint(count_answers(calls, G_N_ELEMENTS(calls), NULL), ==, MAX_WAITING);

        /* It is known now, and has no bound any more. */
        check_known(driver, ":1.42");
        g_assert_cmpuint(driver_count(driver, ":1.42"), ==, 1);
        free_calls(calls, G_N_ELEMENTS(calls));
        driver_stop(driver);
}

/* Nor do more than so many bytes wait, of all callers together. */
static void test_bytes(void) {
        g_autofree char *text = g_strnfill(LARGE, 'a');
        Driver *driver = driver_start();
        Call *calls[MAX_BYTES / LARGE + 2 * MAX_WAITING];
        unsigned n_refused;

        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
                g_autofree char *sender = g_strdup_printf(":1.%zu", 1000 + i / MAX_WAITING);

                calls[i] = driver_call_text(
                        driver, sender, MYMEM_SELF_PATH, "org.freedesktop.DBus.Properties", "GetAll", text);
        }
        driver_ping(driver);
        n_refused = count_answers(calls, G_N_ELEMENTS(calls), MYMEM_ERROR_LIMITS_EXCEEDED);
        g_assert_cmpuint(n_refused, >, 0);
        g_assert_cmpuint((G_N_ELEMENTS(calls) - n_refused) * LARGE, <=, MAX_BYTES);
        g_assert_cmpuint((G_N_ELEMENTS(calls) - n_refused) * LARGE, >, MAX_BYTES / 4 * 3);
        if (service_is_bare())
                g_assert_cmpuint(service_memory(driver->service), <=, MAX_MEMORY);

        /* None of them is ever identified; then there is room again. */
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                driver_wait(driver, calls[i]);
        while (!g_queue_is_empty(driver->lookups))
                sd_bus_message_unref(g_queue_pop_head(driver->lookups));
        introduce(driver, ":1.42");
        free_calls(calls, G_N_ELEMENTS(calls));
        driver_stop(driver);
}

/* Callers that are never identified: so many are asked for, the others are turned away, and who is known is
 * served. */
static void test_callers(void) {
        Driver *driver = driver_start();
        Call *calls[MAX_LOOKUPS + 44];
        unsigned refused, unknown;

        introduce(driver, ":1.41");
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
                g_autofree char *sender = g_strdup_printf(":1.%zu", 1000 + i);

                calls[i] = call_get_memory(driver, sender);
        }
        driver_ping(driver);
        check_known(driver, ":1.41");
        g_assert_cmpuint(g_queue_get_length(driver->lookups), ==, MAX_LOOKUPS);
        refused = count_answers(calls, G_N_ELEMENTS(calls), MYMEM_ERROR_LIMITS_EXCEEDED);
        g_assert_cmpuint(refused, ==, G_N_ELEMENTS(calls) - MAX_LOOKUPS);

        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                driver_wait(driver, calls[i]);
        unknown = count_answers(calls, G_N_ELEMENTS(calls), MYMEM_ERROR_UNKNOWN_CALLER);
        g_assert_cmpuint(unknown, ==, MAX_LOOKUPS);

        /* There is room again. */
        while (!g_queue_is_empty(driver->lookups))
                sd_bus_message_unref(g_queue_pop_head(driver->lookups));
        introduce(driver, ":1.42");
        free_calls(calls, G_N_ELEMENTS(calls));
        driver_stop(driver);
}

/* Calls that want no reply cost nothing, however many they are and whoever makes them. */
static void test_no_reply(void) {
        Driver *driver = driver_start();

        for (unsigned i = 0; i < 1000; i++) {
                g_autofree char *sender = g_strdup_printf(":1.%u", 1000 + i);

                driver_send(driver, sender, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory");
                driver_send(driver, sender, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetChain");
        }
        driver_ping(driver);
        g_assert_cmpuint(g_queue_get_length(driver->lookups), ==, 0);
        introduce(driver, ":1.42");
        driver_stop(driver);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/bounds/calls", test_calls);
        g_test_add_func("/bounds/bytes", test_bytes);
        g_test_add_func("/bounds/callers", test_callers);
        g_test_add_func("/bounds/no-reply", test_no_reply);

        return g_test_run();
}
