/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "names.h"

#define DRIVER_NAME "org.freedesktop.DBus"
#define SERVICE_UNIQUE_NAME ":1.1"

sd_bus_message *driver_begin_answer(Driver *driver, sd_bus_message *lookup) {
        sd_bus_message *answer = NULL;

        (void) driver;
        g_assert_cmpint(sd_bus_message_new_method_return(lookup, &answer), >=, 0);
        return answer;
}

void driver_send_answer(Driver *driver, sd_bus_message *answer) {
        g_assert_cmpint(sd_bus_message_set_sender(answer, DRIVER_NAME), >=, 0);
        g_assert_cmpint(sd_bus_message_set_destination(answer, SERVICE_UNIQUE_NAME), >=, 0);
        g_assert_cmpint(sd_bus_send(driver->bus, answer, NULL), >=, 0);
        sd_bus_message_unref(answer);
}

static void answer_text(Driver *driver, sd_bus_message *message, const char *text) {
        sd_bus_message *answer = driver_begin_answer(driver, message);

        g_assert_cmpint(sd_bus_message_append(answer, "s", text), >=, 0);
        driver_send_answer(driver, answer);
}

static void answer_number(Driver *driver, sd_bus_message *message, const char *type, uint32_t number) {
        sd_bus_message *answer = driver_begin_answer(driver, message);

        g_assert_cmpint(sd_bus_message_append(answer, type, number), >=, 0);
        driver_send_answer(driver, answer);
}

static void keep_lookup(Driver *driver, sd_bus_message *message) {
        g_queue_push_tail(driver->lookups, sd_bus_message_ref(message));
        g_ptr_array_add(driver->asked, g_strdup(driver_lookup_name(message)));
}

/* Everything that the service says to the driver. */
static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Driver *driver = userdata;
        const char *name;

        (void) error;
        if (!sd_bus_message_is_method_call(message, NULL, NULL))
                return 0;
        g_assert_cmpstr(sd_bus_message_get_destination(message), ==, DRIVER_NAME);

        if (sd_bus_message_is_method_call(message, NULL, "GetConnectionCredentials"))
                keep_lookup(driver, message);
        else if (sd_bus_message_is_method_call(message, NULL, "Hello"))
                answer_text(driver, message, SERVICE_UNIQUE_NAME);
        else if (sd_bus_message_is_method_call(message, NULL, "RequestName"))
                answer_number(driver, message, "u", 1);
        else if (sd_bus_message_is_method_call(message, NULL, "NameHasOwner"))
                answer_number(driver, message, "b", true);
        else if (sd_bus_message_is_method_call(message, NULL, "GetNameOwner")) {
                g_assert_cmpint(sd_bus_message_read(message, "s", &name), >, 0);
                answer_text(driver, message, name);
        } else if (sd_bus_message_get_expect_reply(message))
                driver_send_answer(driver, driver_begin_answer(driver, message));
        return 1;
}

/* Sends and receives what there is, or waits a little for something. */
static void turn(Driver *driver) {
        int r;

        r = sd_bus_process(driver->bus, NULL);
        g_assert_cmpint(r, >=, 0);
        if (r == 0)
                g_assert_cmpint(sd_bus_wait(driver->bus, G_USEC_PER_SEC / 20), >=, 0);
}

static int accept_service(int listen_fd) {
        struct pollfd entry = { .fd = listen_fd, .events = POLLIN };
        int fd;

        g_assert_cmpint(poll(&entry, 1, DRIVER_PATIENCE_SEC * 1000), ==, 1);
        fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        g_assert_cmpint(fd, >=, 0);
        close(listen_fd);
        return fd;
}

Driver *driver_start(void) {
        Driver *driver = g_new0(Driver, 1);
        sd_id128_t id = SD_ID128_MAKE(01, 23, 45, 67, 89, ab, cd, ef, 01, 23, 45, 67, 89, ab, cd, ef);
        gint64 deadline = g_get_monotonic_time() + DRIVER_PATIENCE_SEC * G_USEC_PER_SEC;
        int fd;

        driver->lookups = g_queue_new();
        driver->asked = g_ptr_array_new_with_free_func(g_free);
        directory_make(&driver->directory);
        fd = directory_listen(&driver->directory, 0);
        driver->service = service_spawn(driver->directory.address, NULL);
        fd = accept_service(fd);

        g_assert_cmpint(sd_bus_new(&driver->bus), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(driver->bus, fd, fd), >=, 0);
        g_assert_cmpint(sd_bus_set_server(driver->bus, true, id), >=, 0);
        g_assert_cmpint(sd_bus_negotiate_fds(driver->bus, true), >=, 0);
        g_assert_cmpint(sd_bus_add_filter(driver->bus, NULL, on_message, driver), >=, 0);
        g_assert_cmpint(sd_bus_start(driver->bus), >=, 0);

        while (!service_notified(driver->service, "READY=1", 0)) {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                turn(driver);
        }
        return driver;
}

void driver_stop(Driver *driver) {
        /* The service may say goodbye to a driver that answers no more. */
        service_stop(driver->service);
        while (!g_queue_is_empty(driver->lookups))
                sd_bus_message_unref(g_queue_pop_head(driver->lookups));
        g_queue_free(driver->lookups);
        g_ptr_array_unref(driver->asked);
        sd_bus_close_unref(driver->bus);
        directory_remove(&driver->directory);
        g_free(driver);
}

static sd_bus_message *new_call(
        Driver *driver, const char *sender, const char *path, const char *interface, const char *member) {
        sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                driver->bus, &message, SERVICE_UNIQUE_NAME, path, interface, member);
        g_assert_cmpint(r, >=, 0);
        g_assert_cmpint(sd_bus_message_set_sender(message, sender), >=, 0);
        return message;
}

static int on_answer(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Call *call = userdata;

        (void) error;
        call->reply = sd_bus_message_ref(message);
        call->answered_at = g_get_monotonic_time();
        if (sd_bus_message_is_method_error(message, NULL))
                call->error = g_intern_string(sd_bus_message_get_error(message)->name);
        return 0;
}

Call *driver_call_text(Driver *driver,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *member,
                       const char *text) {
        sd_bus_message *message = new_call(driver, sender, path, interface, member);
        Call *call = g_new0(Call, 1);
        int r;

        if (text)
                g_assert_cmpint(sd_bus_message_append(message, "s", text), >=, 0);
        call->sent_at = g_get_monotonic_time();
        r = sd_bus_call_async(driver->bus, &call->slot, message, on_answer, call, UINT64_MAX);
        g_assert_cmpint(r, >=, 0);
        sd_bus_message_unref(message);
        return call;
}

Call *driver_call(
        Driver *driver, const char *sender, const char *path, const char *interface, const char *member) {
        return driver_call_text(driver,
                                sender,
                                path,
                                interface,
                                member,
                                g_str_equal(member, "GetAll") ? MYMEM_UNIT_INTERFACE : NULL);
}

void call_free(Call *call) {
        sd_bus_slot_unref(call->slot);
        sd_bus_message_unref(call->reply);
        g_free(call);
}

void driver_send(
        Driver *driver, const char *sender, const char *path, const char *interface, const char *member) {
        sd_bus_message *message = new_call(driver, sender, path, interface, member);

        g_assert_cmpint(sd_bus_message_set_expect_reply(message, false), >=, 0);
        g_assert_cmpint(sd_bus_send(driver->bus, message, NULL), >=, 0);
        sd_bus_message_unref(message);
}

void driver_wait(Driver *driver, Call *call) {
        gint64 deadline = g_get_monotonic_time() + DRIVER_PATIENCE_SEC * G_USEC_PER_SEC;

        while (!call->reply) {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                turn(driver);
        }
}

void driver_ping(Driver *driver) {
        Call *call = driver_call(driver, ":1.9999", MYMEM_MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping");

        driver_wait(driver, call);
        g_assert_cmpstr(call->error, ==, NULL);
        call_free(call);
}

sd_bus_message *driver_next_lookup(Driver *driver) {
        gint64 deadline = g_get_monotonic_time() + DRIVER_PATIENCE_SEC * G_USEC_PER_SEC;

        while (g_queue_is_empty(driver->lookups)) {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                turn(driver);
        }
        return g_queue_pop_head(driver->lookups);
}

const char *driver_lookup_name(sd_bus_message *lookup) {
        const char *name;

        g_assert_cmpint(sd_bus_message_rewind(lookup, true), >=, 0);
        g_assert_cmpint(sd_bus_message_read(lookup, "s", &name), >, 0);
        return name;
}

unsigned driver_count(const Driver *driver, const char *sender) {
        unsigned count = 0;

        for (size_t i = 0; i < driver->asked->len; i++)
                count += g_str_equal(g_ptr_array_index(driver->asked, i), sender);
        return count;
}

void driver_answer(Driver *driver, sd_bus_message *lookup, pid_t pid) {
        driver_answer_user(driver, lookup, pid, 0);
}

void driver_answer_user(Driver *driver, sd_bus_message *lookup, pid_t pid, uid_t uid) {
        sd_bus_message *answer = driver_begin_answer(driver, lookup);
        int r;

        r = sd_bus_message_append(
                answer, "a{sv}", 2, "UnixUserID", "u", uid, "ProcessID", "u", (uint32_t) pid);
        g_assert_cmpint(r, >=, 0);
        driver_send_answer(driver, answer);
}

void driver_answer_fd(Driver *driver, sd_bus_message *lookup, pid_t pid, int pidfd) {
        sd_bus_message *answer = driver_begin_answer(driver, lookup);
        int r;

        r = sd_bus_message_append(answer,
                                  "a{sv}",
                                  3,
                                  "UnixUserID",
                                  "u",
                                  0,
                                  "ProcessID",
                                  "u",
                                  (uint32_t) pid,
                                  "ProcessFD",
                                  "h",
                                  pidfd);
        g_assert_cmpint(r, >=, 0);
        driver_send_answer(driver, answer);
}

void driver_refuse(Driver *driver, sd_bus_message *lookup, const char *error) {
        sd_bus_message *answer = NULL;
        int r;

        r = sd_bus_message_new_method_errorf(lookup, &answer, error, "The test refuses.");
        g_assert_cmpint(r, >=, 0);
        driver_send_answer(driver, answer);
}
