/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bus driver that talks nonsense about who calls: what is no sense gets an error, and does not spoil what
 * is. The figures of anybody but the caller are never told. */

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "driver.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "slice.h"

#define OWN_LIMIT (64 * MIB)

/* Who calls, and the test which is somebody else. */
typedef struct Scenery {
        Slice *slice;
        Driver *driver;
        pid_t pid;
        unsigned n_senders;
        char sender[16];
        Call *call;
        sd_bus_message *lookup, *answer;
} Scenery;

static bool scenery_make(Scenery *scenery) {
        g_autofree char *group = NULL;

        *scenery = (Scenery) { .slice = slice_new() };
        if (!scenery->slice)
                return false;

        group = slice_group(scenery->slice, "%-caller.service");
        group_write(group, "memory.limit_in_bytes", OWN_LIMIT);
        scenery->pid = slice_tenant(group, 0, 0);
        scenery->driver = driver_start();
        return true;
}

static void scenery_remove(Scenery *scenery) {
        driver_stop(scenery->driver);
        child_kill(scenery->pid);
        slice_free(scenery->slice);
}

/* Somebody calls for the first time; the driver is asked, and begins to answer. */
static void begin(Scenery *scenery) {
        (void) snprintf(scenery->sender, sizeof(scenery->sender), ":1.%u", 100 + scenery->n_senders++);
        scenery->call = driver_call(
                scenery->driver, scenery->sender, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory");
        scenery->lookup = driver_next_lookup(scenery->driver);
        g_assert_cmpstr(driver_lookup_name(scenery->lookup), ==, scenery->sender);
        scenery->answer = driver_begin_answer(scenery->driver, scenery->lookup);
}

/* The answer is complete; what does the caller get? */
static void end(Scenery *scenery, bool is_known) {
        uint64_t limit;

        if (scenery->answer)
                driver_send_answer(scenery->driver, scenery->answer);
        driver_wait(scenery->driver, scenery->call);
        if (is_known) {
                g_assert_cmpstr(scenery->call->error, ==, NULL);
                g_assert_cmpint(sd_bus_message_read(scenery->call->reply, "ttt", &limit, NULL, NULL), >, 0);
                g_assert_cmpuint(limit, ==, OWN_LIMIT);
        } else if (g_strcmp0(scenery->call->error, MYMEM_ERROR_NO_SUCH_PROCESS) != 0)
                g_assert_cmpstr(scenery->call->error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
        call_free(scenery->call);
        sd_bus_message_unref(scenery->lookup);
}

/* One value of the type: 1, or as near as it has. */
static void append_one(sd_bus_message *answer, const char *type, int fd) {
        const uint64_t number = 1;
        const double real = 1;
        int r;

        if (strcmp(type, "a{sv}") == 0)
                r = sd_bus_message_append(answer, type, 1, "ProcessID", "u", 1);
        else if (strcmp(type, "as") == 0)
                r = sd_bus_message_append(answer, type, 1, "1");
        else if (strcmp(type, "v") == 0)
                r = sd_bus_message_append(answer, type, "u", 1);
        else if (strcmp(type, "(u)") == 0)
                r = sd_bus_message_append(answer, type, 1);
        else if (*type == 'a')
                r = sd_bus_message_append(answer, type, 1, 1);
        else if (*type == 'h')
                r = sd_bus_message_append_basic(answer, *type, &fd);
        else if (*type == 'd')
                r = sd_bus_message_append_basic(answer, *type, &real);
        else if (*type == 'b')
                r = sd_bus_message_append(answer, type, true);
        else if (*type == 's' || *type == 'o' || *type == 'g')
                r = sd_bus_message_append_basic(answer,
                                                *type,
                                                *type == 'o'         ? "/1" :
                                                        *type == 'g' ? "u" :
                                                                       "1");
        else
                r = sd_bus_message_append_basic(answer, *type, &number);
        g_assert_cmpint(r, >=, 0);
}

static void append_entry(sd_bus_message *answer, const char *key, const char *type, int fd) {
        g_assert_cmpint(sd_bus_message_open_container(answer, 'e', "sv"), >=, 0);
        g_assert_cmpint(sd_bus_message_append(answer, "s", key), >=, 0);
        g_assert_cmpint(sd_bus_message_open_container(answer, 'v', type), >=, 0);
        append_one(answer, type, fd);
        g_assert_cmpint(sd_bus_message_close_container(answer), >=, 0);
        g_assert_cmpint(sd_bus_message_close_container(answer), >=, 0);
}

static void append_pid(sd_bus_message *answer, pid_t pid) {
        g_assert_cmpint(sd_bus_message_append(answer, "{sv}", "ProcessID", "u", (uint32_t) pid), >=, 0);
}

static void append_pidfd(sd_bus_message *answer, int pidfd) {
        g_assert_cmpint(sd_bus_message_append(answer, "{sv}", "ProcessFD", "h", pidfd), >=, 0);
}

/* Values of all types where a number or a descriptor should be, with the truth before, behind, or not there.
 */
static void test_types(void) {
        static const char *const types[] = { "y", "b", "n", "q", "i",   "u",  "x",  "t",  "d",    "s",
                                             "o", "g", "h", "v", "(u)", "ay", "au", "as", "a{sv}" };
        static const char *const keys[] = { "ProcessID", "ProcessFD", "UnixUserID", "", "processid" };
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        Scenery scenery;

        if (!scenery_make(&scenery))
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(keys) * G_N_ELEMENTS(types) * 3; i++) {
                const char *key = keys[i % G_N_ELEMENTS(keys)];
                const char *type = types[i / G_N_ELEMENTS(keys) % G_N_ELEMENTS(types)];
                size_t place = i / G_N_ELEMENTS(keys) / G_N_ELEMENTS(types);
                /* These are what a driver may say, so that they count. */
                bool is_said = (strcmp(key, "ProcessID") == 0 && strcmp(type, "u") == 0) ||
                        (strcmp(key, "ProcessFD") == 0 && strcmp(type, "h") == 0) ||
                        (strcmp(key, "UnixUserID") == 0 && strcmp(type, "u") == 0);

                /* Process 1 is somebody. */
                if (is_said && strcmp(key, "ProcessID") == 0)
                        continue;
                g_test_message("%s of type %s, %zu", key, type, place);
                begin(&scenery);
                g_assert_cmpint(sd_bus_message_open_container(scenery.answer, 'a', "{sv}"), >=, 0);
                if (place == 1)
                        append_pid(scenery.answer, scenery.pid);
                append_entry(scenery.answer, key, type, fd);
                if (place == 2)
                        append_pid(scenery.answer, scenery.pid);
                g_assert_cmpint(sd_bus_message_close_container(scenery.answer), >=, 0);
                end(&scenery, place > 0 && !is_said);
        }
        scenery_remove(&scenery);
        close(fd);
}

/* Numbers that no process has, and nothing of a process at all. */
static void test_values(void) {
        static const uint32_t numbers[] = { 0, INT32_MAX, (uint32_t) INT32_MAX + 1, UINT32_MAX, 4194305 };
        Scenery scenery;

        if (!scenery_make(&scenery))
                return;
        for (size_t i = 0; i <= G_N_ELEMENTS(numbers); i++) {
                begin(&scenery);
                g_assert_cmpint(sd_bus_message_open_container(scenery.answer, 'a', "{sv}"), >=, 0);
                if (i < G_N_ELEMENTS(numbers))
                        append_pid(scenery.answer, (pid_t) numbers[i]);
                g_assert_cmpint(sd_bus_message_close_container(scenery.answer), >=, 0);
                end(&scenery, false);
        }
        scenery_remove(&scenery);
}

/* The truth in another shape than a dictionary of variants; 0 is nothing at all. */
static int append_shape(sd_bus_message *answer, unsigned shape, uint32_t pid) {
        switch (shape) {
        case 0:
                return 0;
        case 1:
                return sd_bus_message_append(answer, "u", pid);
        case 2:
                return sd_bus_message_append(answer, "s", "ProcessID");
        case 3:
                return sd_bus_message_append(answer, "a{su}", 1, "ProcessID", pid);
        case 4:
                return sd_bus_message_append(answer, "a(sv)", 1, "ProcessID", "u", pid);
        case 5:
                return sd_bus_message_append(answer, "v", "a{sv}", 1, "ProcessID", "u", pid);
        case 6:
                return sd_bus_message_append(answer, "a{ov}", 1, "/ProcessID", "u", pid);
        case 7:
                return sd_bus_message_append(answer, "aa{sv}", 1, 1, "ProcessID", "u", pid);
        case 8:
                return sd_bus_message_append(answer, "sv", "ProcessID", "u", pid);
        case 9:
                return sd_bus_message_append(answer, "ua{sv}", pid, 1, "ProcessID", "u", pid);
        default:
                return sd_bus_message_append(answer, "(a{sv})", 1, "ProcessID", "u", pid);
        }
}

static void test_shapes(void) {
        Scenery scenery;

        if (!scenery_make(&scenery))
                return;
        for (unsigned shape = 0; shape <= 10; shape++) {
                g_test_message("shape %u", shape);
                begin(&scenery);
                g_assert_cmpint(append_shape(scenery.answer, shape, (uint32_t) scenery.pid), >=, 0);
                end(&scenery, false);
        }
        scenery_remove(&scenery);
}

/* Two processes, by number or descriptor: one is not the caller, and nobody knows which. */
static void test_twice(void) {
        Scenery scenery;
        int pidfds[2];

        if (!scenery_make(&scenery))
                return;
        pidfds[0] = child_pidfd(scenery.pid);
        pidfds[1] = child_pidfd(getpid());
        for (unsigned i = 0; i < 4; i++) {
                begin(&scenery);
                g_assert_cmpint(sd_bus_message_open_container(scenery.answer, 'a', "{sv}"), >=, 0);
                if (i < 2) {
                        append_pid(scenery.answer, i == 0 ? scenery.pid : getpid());
                        append_pid(scenery.answer, i == 0 ? getpid() : scenery.pid);
                } else {
                        append_pidfd(scenery.answer, pidfds[i % 2]);
                        append_pidfd(scenery.answer, pidfds[1 - i % 2]);
                }
                g_assert_cmpint(sd_bus_message_close_container(scenery.answer), >=, 0);
                end(&scenery, false);
        }
        close(pidfds[0]);
        close(pidfds[1]);
        scenery_remove(&scenery);
}

/* An error is one, whatever it is called. But what is not about the caller is not kept. */
static void test_errors(void) {
        static const char *const errors[] = { SD_BUS_ERROR_NO_MEMORY,
                                              SD_BUS_ERROR_LIMITS_EXCEEDED,
                                              SD_BUS_ERROR_NO_REPLY,
                                              SD_BUS_ERROR_ACCESS_DENIED,
                                              SD_BUS_ERROR_FAILED,
                                              SD_BUS_ERROR_UNIX_PROCESS_ID_UNKNOWN,
                                              MYMEM_ERROR_NO_SUCH_PROCESS,
                                              MYMEM_ERROR_LIMITS_EXCEEDED,
                                              "a.b" };
        Scenery scenery;

        if (!scenery_make(&scenery))
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
                g_test_message("%s", errors[i]);
                begin(&scenery);
                scenery.answer = sd_bus_message_unref(scenery.answer);
                driver_refuse(scenery.driver, scenery.lookup, errors[i]);
                end(&scenery, false);

                scenery.n_senders--;
                begin(&scenery);
                scenery.answer = sd_bus_message_unref(scenery.answer);
                driver_answer(scenery.driver, scenery.lookup, scenery.pid);
                end(&scenery, true);
        }
        scenery_remove(&scenery);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/nonsense/types", test_types);
        g_test_add_func("/nonsense/values", test_values);
        g_test_add_func("/nonsense/shapes", test_shapes);
        g_test_add_func("/nonsense/twice", test_twice);
        g_test_add_func("/nonsense/errors", test_errors);

        return g_test_run();
}
