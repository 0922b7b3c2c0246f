/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A bus driver that answers late, wrongly or not at all: a caller it says nothing of gets an error, and no
 * other caller waits for that. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "driver.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "slice.h"

#define GROUP_LIMIT (64 * MIB)

static Call *call_get_memory(Driver *driver, const char *sender) {
        return driver_call(driver, sender, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory");
}

static Call *call_self(Driver *driver, const char *sender) {
        return driver_call(driver, sender, MYMEM_SELF_PATH, "org.freedesktop.DBus.Properties", "GetAll");
}

/* Waits for the answer, which is to be 'error', or none for NULL. */
#define check_answer(driver, call, wanted)                  \
        G_STMT_START {                                      \
                driver_wait(driver, call);                  \
                g_assert_cmpstr((call)->error, ==, wanted); \
                call_free(call);                            \
        }                                                   \
        G_STMT_END

/* Makes a sender known to the service as the process 'pid'. */
static void introduce(Driver *driver, const char *sender, pid_t pid) {
        Call *call = call_get_memory(driver, sender);
        sd_bus_message *lookup = driver_next_lookup(driver);

        g_assert_cmpstr(driver_lookup_name(lookup), ==, sender);
        driver_answer(driver, lookup, pid);
        sd_bus_message_unref(lookup);
        check_answer(driver, call, NULL);
}

static void test_late(void) {
        Driver *driver = driver_start();
        Call *late, *late_self, *warm, *other;
        sd_bus_message *lookup, *lookup_self, *lookup_other;

        introduce(driver, ":1.41", getpid());

        late = call_get_memory(driver, ":1.42");
        lookup = driver_next_lookup(driver);
        g_assert_cmpstr(driver_lookup_name(lookup), ==, ":1.42");
        late_self = call_self(driver, ":1.43");
        lookup_self = driver_next_lookup(driver);
        g_assert_cmpstr(driver_lookup_name(lookup_self), ==, ":1.43");

        /* Nobody else waits: not who is known, not who is asked for later, not who need not be known. */
        warm = call_get_memory(driver, ":1.41");
        check_answer(driver, warm, NULL);
        other = call_get_memory(driver, ":1.44");
        lookup_other = driver_next_lookup(driver);
        driver_answer(driver, lookup_other, getpid());
        check_answer(driver, other, NULL);
        driver_ping(driver);

        g_assert_null(late->reply);
        g_assert_null(late_self->reply);
        driver_answer(driver, lookup, getpid());
        driver_answer(driver, lookup_self, getpid());
        check_answer(driver, late, NULL);
        check_answer(driver, late_self, NULL);

        sd_bus_message_unref(lookup);
        sd_bus_message_unref(lookup_self);
        sd_bus_message_unref(lookup_other);
        driver_stop(driver);
}

static void test_never(void) {
        Driver *driver = driver_start();
        Call *call = call_get_memory(driver, ":1.42"), *self = call_self(driver, ":1.43");

        driver_wait(driver, call);
        driver_wait(driver, self);
        g_assert_cmpstr(call->error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
        g_assert_cmpstr(self->error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
        /* The bound is one second. */
        g_assert_cmpint(call->answered_at - call->sent_at, >=, G_USEC_PER_SEC / 2);
        g_assert_cmpint(call->answered_at - call->sent_at, <=, 5 * G_USEC_PER_SEC);
        g_assert_cmpint(self->answered_at - self->sent_at, <=, 5 * G_USEC_PER_SEC);

        call_free(call);
        call_free(self);
        driver_stop(driver);
}

/* An answer after the bound is too late, and changes nothing for anybody. */
static void test_too_late(void) {
        Driver *driver = driver_start();
        Call *call = call_get_memory(driver, ":1.42");
        sd_bus_message *lookup = driver_next_lookup(driver);

        check_answer(driver, call, MYMEM_ERROR_UNKNOWN_CALLER);
        driver_answer(driver, lookup, getpid());
        driver_ping(driver);
        introduce(driver, ":1.43", getpid());

        sd_bus_message_unref(lookup);
        driver_stop(driver);
}

/* A refusal is an answer, and is kept as one. */
static void test_refused(void) {
        Driver *driver = driver_start();
        Call *first = call_get_memory(driver, ":1.42"), *second;
        sd_bus_message *lookup = driver_next_lookup(driver);

        driver_refuse(driver, lookup, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
        check_answer(driver, first, MYMEM_ERROR_UNKNOWN_CALLER);
        second = call_self(driver, ":1.42");
        check_answer(driver, second, MYMEM_ERROR_UNKNOWN_CALLER);
        g_assert_cmpuint(driver_count(driver, ":1.42"), ==, 1);

        sd_bus_message_unref(lookup);
        driver_stop(driver);
}

static pid_t idle_child(const char *group) {
        pid_t pid = child_fork();

        if (pid > 0)
                return pid;
        if (group)
                group_enter(group);
        for (;;)
                (void) pause();
}

/* Where the bus gives a descriptor of the caller, it is that process, whatever the number says by now. */
static void test_process_fd(void) {
        g_autofree char *group = NULL;
        sd_bus_message *lookup;
        Slice *slice;
        Driver *driver;
        uint64_t limit;
        pid_t pid;
        Call *call;
        int pidfd;

        slice = slice_new();
        if (!slice)
                return;
        driver = driver_start();
        group = slice_group(slice, "%-caller.service");
        group_write(group, "memory.limit_in_bytes", GROUP_LIMIT);
        pid = slice_tenant(group, 0, 0);
        pidfd = child_pidfd(pid);

        call = call_get_memory(driver, ":1.42");
        lookup = driver_next_lookup(driver);
        driver_answer_fd(driver, lookup, pid, pidfd);
        sd_bus_message_unref(lookup);
        driver_wait(driver, call);
        g_assert_cmpstr(call->error, ==, NULL);
        g_assert_cmpint(sd_bus_message_read(call->reply, "ttt", &limit, NULL, NULL), >, 0);
        g_assert_cmpuint(limit, ==, GROUP_LIMIT);
        call_free(call);

        /* The caller has ended, and its number is that of another process, the test's. */
        child_kill(pid);
        call = call_get_memory(driver, ":1.43");
        lookup = driver_next_lookup(driver);
        driver_answer_fd(driver, lookup, getpid(), pidfd);
        sd_bus_message_unref(lookup);
        driver_wait(driver, call);
        if (g_strcmp0(call->error, MYMEM_ERROR_NO_SUCH_PROCESS) != 0)
                g_assert_cmpstr(call->error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
        call_free(call);

        close(pidfd);
        driver_stop(driver);
        slice_free(slice);
}

/* Somebody who is known ends: what was known of it is not used for a call that comes afterwards. */
static void test_ended(void) {
        Driver *driver = driver_start();
        pid_t pid = idle_child(NULL);
        Call *call;

        introduce(driver, ":1.42", pid);
        child_kill(pid);
        call = call_get_memory(driver, ":1.42");

        /* Whether the service asks again is its own affair; the driver knows as little as it does. */
        while (!call->reply && g_queue_is_empty(driver->lookups))
                driver_ping(driver);
        if (!g_queue_is_empty(driver->lookups)) {
                sd_bus_message *lookup = driver_next_lookup(driver);

                driver_answer(driver, lookup, pid);
                sd_bus_message_unref(lookup);
        }
        driver_wait(driver, call);
        if (g_strcmp0(call->error, MYMEM_ERROR_NO_SUCH_PROCESS) != 0)
                g_assert_cmpstr(call->error, ==, MYMEM_ERROR_UNKNOWN_CALLER);
        call_free(call);
        driver_stop(driver);
}

/* A child that has one user for its real, its effective and its saved one each. */
static pid_t child_of(uid_t real, uid_t effective, uid_t saved) {
        int pipes[2];
        pid_t pid;

        g_assert_cmpint(pipe2(pipes, O_CLOEXEC), ==, 0);
        pid = child_fork();
        if (pid == 0) {
                pid_t parent = getppid();

                if (setresuid(real, effective, saved) < 0)
                        _exit(EXIT_FAILURE);
                child_bind(parent);
                child_tell(pipes[1]);
                for (;;)
                        (void) pause();
        }
        close(pipes[1]);
        g_assert_true(child_hear(pipes[0]));
        close(pipes[0]);
        return pid;
}

/* The number of who connected is another user's process by now. */
static void test_user(void) {
        static const struct {
                uid_t connected, real, effective, saved;
                const char *error;
        } cases[] = {
                { 4001, 4001, 4001, 4001, NULL },
                { 4001, 4002, 4002, 4002, MYMEM_ERROR_UNKNOWN_CALLER },
                { 4001, 0, 0, 0, MYMEM_ERROR_UNKNOWN_CALLER },
                { 4001, 4001, 0, 0, NULL }, /* it runs a program that is setuid */
                { 4001, 0, 0, 4001, NULL },
                { 4001, 0, 4001, 0, NULL },
                { 0, 4001, 4001, 4001, NULL }, /* it has given up root's rights */
        };
        Driver *driver;

        if (geteuid() != 0) {
                g_test_skip("callers are other users");
                return;
        }
        driver = driver_start();
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *sender = g_strdup_printf(":1.%zu", 50 + i);
                pid_t pid = child_of(cases[i].real, cases[i].effective, cases[i].saved);
                Call *call = call_get_memory(driver, sender);
                sd_bus_message *lookup = driver_next_lookup(driver);

                g_test_message("%u, then %u %u %u",
                               cases[i].connected,
                               cases[i].real,
                               cases[i].effective,
                               cases[i].saved);
                driver_answer_user(driver, lookup, pid, cases[i].connected);
                check_answer(driver, call, cases[i].error);
                sd_bus_message_unref(lookup);
                child_kill(pid);
        }
        driver_stop(driver);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/driver/late", test_late);
        g_test_add_func("/driver/never", test_never);
        g_test_add_func("/driver/too-late", test_too_late);
        g_test_add_func("/driver/refused", test_refused);
        g_test_add_func("/driver/process-fd", test_process_fd);
        g_test_add_func("/driver/ended", test_ended);
        g_test_add_func("/driver/user", test_user);

        return g_test_run();
}
