/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a bus, and those who call over it, can have the service hold. It is served by hand here, call by
 * call: with its own loop it would be a matter of luck how much it has at once. */

#include <fcntl.h>
#include <glib.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "end.h"
#include "names.h"
#include "service.h"

#define WALKS_OF_ONE 16     /* calls of one sender that wait for walks */
#define QUEUED 1024         /* messages that the bus does not take */
#define SEND_BUFFER_SIZE 1  /* the kernel makes it as large as it must be */
#define UNSENT (QUEUED / 4) /* more than that buffer holds */
#define DROPPED 32          /* calls of one sender that wait for the driver */
#define PATIENCE_SEC 60

/* The service on a connection, and the test at its other end, who is all clients at once. */
typedef struct Ends {
        sd_event *event;
        Service *service;
        sd_bus *client;
        GHashTable *answers; /* how often each was given: name of the error, interned, or "" → number */
        unsigned n_answered;
} Ends;

static void ends_open(Ends *ends) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;
        int pair[2], root_fd;
        sd_bus *served;

        g_assert_cmpint(sd_event_new(&ends->event), >=, 0);
        root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        g_assert_cmpint(service_new(ends->event, root_fd, &ends->service), >=, 0);
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
        served = end_new(pair[0], true);
        ends->client = end_new(pair[1], false);
        g_assert_cmpint(service_attach(ends->service, served), >=, 0);
        g_assert_cmpint(sd_bus_start(served), >=, 0);
        g_assert_cmpint(sd_bus_start(ends->client), >=, 0);
        end_set_buffer(served, SEND_BUFFER_SIZE);
        while (sd_bus_is_ready(ends->client) <= 0 || sd_bus_is_ready(served) <= 0) {
                end_turn(served);
                end_turn(ends->client);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
        sd_bus_unref(served);
        ends->answers = g_hash_table_new(g_str_hash, g_str_equal);
}

static void ends_close(Ends *ends) {
        sd_bus_close(ends->service->bus);
        service_free(ends->service);
        sd_bus_close_unref(ends->client);
        sd_event_unref(ends->event);
        g_hash_table_unref(ends->answers);
}

static unsigned ends_count(const Ends *ends, const char *error) {
        return GPOINTER_TO_UINT(g_hash_table_lookup(ends->answers, error));
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *error) {
        const sd_bus_error *said = sd_bus_message_get_error(reply);
        const char *name = g_intern_string(said ? said->name : "");
        Ends *ends = userdata;

        (void) error;

        ends->n_answered++;
        g_hash_table_insert(ends->answers, (char *) name, GUINT_TO_POINTER(ends_count(ends, name) + 1));
        return 0;
}

/* Makes a call in the name of 'sender', which the service handles as far as it can at once. */
static void call(
        Ends *ends, const char *sender, const char *interface, const char *member, const char *text) {
        sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                ends->client, &message, NULL, MYMEM_MANAGER_PATH, interface, member);
        if (r >= 0)
                r = sd_bus_message_set_sender(message, sender);
        if (r >= 0 && text)
                r = sd_bus_message_append(message, "s", text);
        if (r >= 0)
                r = sd_bus_call_async(ends->client, NULL, message, on_answer, ends, UINT64_MAX);
        g_assert_cmpint(r, >=, 0);
        sd_bus_message_unref(message);
        end_turn(ends->service->bus);
}

/* Goes on until so many calls have been answered. */
static void ends_run(Ends *ends, unsigned n) {
        gint64 deadline = g_get_monotonic_time() + PATIENCE_SEC * G_USEC_PER_SEC;

        while (ends->n_answered < n) {
                g_assert_cmpint(sd_event_run(ends->event, 0), >=, 0);
                end_turn(ends->service->bus);
                end_turn(ends->client);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
}

static void look_for_unit(Ends *ends, const char *sender) {
        call(ends, sender, MYMEM_MANAGER_INTERFACE, "GetUnitByName", "mymem-none.service");
}

/* Answers as the bus's driver does, who says that all are us. */
static int on_question(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        (void) userdata;
        (void) error;

        if (!sd_bus_message_is_method_call(message, "org.freedesktop.DBus", "GetConnectionCredentials"))
                return 0;

        return sd_bus_reply_method_return(
                message, "a{sv}", 2, "ProcessID", "u", (uint32_t) getpid(), "UnixUserID", "u", getuid());
}

/* Has the service know who these are. */
static void introduce(Ends *ends) {
        g_assert_cmpint(sd_bus_add_filter(ends->client, NULL, on_question, NULL), >=, 0);
        call(ends, ":1.1", MYMEM_MANAGER_INTERFACE, "GetUnit", NULL);
        call(ends, ":1.2", MYMEM_MANAGER_INTERFACE, "GetUnit", NULL);
        ends_run(ends, 2);
        ends->n_answered = 0;
}

/* So many calls of one sender wait for a walk, by name or for the list; of others, as many. */
static void test_walks(void) {
        Ends ends = { 0 };

        ends_open(&ends);
        introduce(&ends);
        for (unsigned i = 0; i < WALKS_OF_ONE / 2; i++) {
                look_for_unit(&ends, ":1.1");
                call(&ends, ":1.1", MYMEM_MANAGER_INTERFACE, "ListUnits", NULL);
        }
        end_turn(ends.client);
        g_assert_cmpuint(ends.n_answered, ==, 0);

        look_for_unit(&ends, ":1.1");
        call(&ends, ":1.1", MYMEM_MANAGER_INTERFACE, "ListUnits", NULL);
        look_for_unit(&ends, ":1.2");
        end_turn(ends.client);
        g_assert_cmpuint(ends.n_answered, ==, 2);
        g_assert_cmpuint(ends_count(&ends, MYMEM_ERROR_LIMITS_EXCEEDED), ==, 2);

        /* Then there is room again. */
        ends_run(&ends, WALKS_OF_ONE + 3);
        look_for_unit(&ends, ":1.1");
        ends_run(&ends, WALKS_OF_ONE + 4);
        g_assert_cmpuint(ends_count(&ends, MYMEM_ERROR_LIMITS_EXCEEDED), ==, 2);
        ends_close(&ends);
}

static uint64_t count_queued(const Ends *ends) {
        uint64_t n = 0;

        g_assert_cmpint(sd_bus_get_n_queued_write(ends->service->bus, &n), >=, 0);
        return n;
}

static void ping(Ends *ends) {
        call(ends, ":1.1", "org.freedesktop.DBus.Peer", "Ping", NULL);
}

/* What is said while the bus takes nothing is held up to a number, and beyond nobody is answered. */
static void test_unread(void) {
        Ends ends = { 0 };
        unsigned n;

        ends_open(&ends);
        for (unsigned i = 0; i < QUEUED + UNSENT; i++)
                ping(&ends);
        g_assert_cmpuint(count_queued(&ends), >=, QUEUED);
        g_assert_cmpuint(count_queued(&ends), <=, QUEUED + 1);

        /* All that was held is said when the bus goes on, and then others are answered again. */
        while (count_queued(&ends) > 0)
                ends_run(&ends, ends.n_answered + 1);
        end_turn(ends.client);
        n = ends.n_answered;
        g_assert_cmpuint(n, >=, QUEUED);
        g_assert_cmpuint(n, <, QUEUED + UNSENT);
        ping(&ends);
        ends_run(&ends, n + 1);
        g_assert_cmpuint(ends_count(&ends, ""), ==, n + 1);
        ends_close(&ends);
}

/* The driver's answer to the question that was asked last. */
static int on_lookup(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        sd_bus_message **lookup = userdata;

        (void) error;

        if (!sd_bus_message_is_method_call(message, "org.freedesktop.DBus", "GetConnectionCredentials"))
                return 0;
        sd_bus_message_unref(*lookup);
        *lookup = sd_bus_message_ref(message);
        return 1;
}

static void answer_lookup(sd_bus_message *lookup) {
        sd_bus_message *answer = NULL;
        int r;

        r = sd_bus_message_new_method_return(lookup, &answer);
        if (r >= 0)
                r = sd_bus_message_append(answer, "a{sv}", 1, "ProcessID", "u", (uint32_t) getpid());
        if (r >= 0)
                r = sd_bus_send(NULL, answer, NULL);
        g_assert_cmpint(r, >=, 0);
        sd_bus_message_unref(answer);
}

static void get_memory(Ends *ends, const char *sender) {
        call(ends, sender, MYMEM_MANAGER_INTERFACE, "GetMemory", NULL);
}

/* Calls that wait for the driver, and are not answered because the bus takes nothing when they need not wait
 * any more, are nobody else's: whoever calls next is asked for. */
static void test_dropped(void) {
        sd_bus_message *lookup = NULL;
        Ends ends = { 0 };
        unsigned n;

        ends_open(&ends);
        ends.service->sees_processes = true;
        g_assert_cmpint(sd_bus_add_filter(ends.client, NULL, on_lookup, &lookup), >=, 0);
        for (unsigned i = 0; i < DROPPED; i++)
                get_memory(&ends, ":1.50");
        end_turn(ends.client);
        g_assert_nonnull(lookup);
        for (unsigned i = 0; i < QUEUED + UNSENT; i++)
                ping(&ends);
        answer_lookup(lookup);
        for (unsigned i = 0; i < DROPPED; i++)
                end_turn(ends.service->bus);
        while (count_queued(&ends) > 0)
                ends_run(&ends, ends.n_answered + 1);
        end_turn(ends.client);

        n = ends.n_answered;
        for (unsigned i = 0; i < 2 * DROPPED; i++) {
                g_autofree char *sender = g_strdup_printf(":1.%u", 100 + i);

                get_memory(&ends, sender);
                end_turn(ends.service->bus);
        }
        end_turn(ends.client);
        g_assert_cmpuint(ends.n_answered, ==, n);
        sd_bus_message_unref(lookup);
        ends_close(&ends);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        g_test_add_func("/service/walks", test_walks);
        g_test_add_func("/service/unread", test_unread);
        g_test_add_func("/service/dropped", test_dropped);

        return g_test_run();
}
