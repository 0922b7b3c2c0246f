/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib.h>
#include <sys/socket.h>

#include "end.h"
#include "listed.h"
#include "machine.h"

#define UNITS 50
#define UNITS_OF_TOO_MANY 40000 /* one list of them may wait to be sent, and no other */
#define SEND_BUFFER_SIZE (64 * 1024)
#define WAIT_USEC (30 * G_USEC_PER_SEC)

/* Two ends of a connection, and a call from one to the other. */
typedef struct Ends {
        sd_bus *server, *client;
        sd_bus_message *call, *reply;
} Ends;

static sd_bus *open_end(int fd, bool is_server) {
        sd_bus *end = end_new(fd, is_server);

        g_assert_cmpint(sd_bus_start(end), >=, 0);
        end_set_buffer(end, SEND_BUFFER_SIZE);
        return end;
}

static int on_call(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Ends *ends = userdata;

        (void) error;

        if (!sd_bus_message_is_method_call(message, NULL, "ListUnits"))
                return 0;
        g_clear_pointer(&ends->call, sd_bus_message_unref);
        ends->call = sd_bus_message_ref(message);
        return 1;
}

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Ends *ends = userdata;

        (void) error;

        ends->reply = sd_bus_message_ref(message);
        return 0;
}

static void turn(Ends *ends) {
        end_turn(ends->server);
        g_assert_cmpint(sd_bus_process(ends->client, NULL), >=, 0);
}

static void begin_call(Ends *ends) {
        gint64 deadline = g_get_monotonic_time() + WAIT_USEC;
        const sd_bus_message *before = ends->call;

        g_assert_cmpint(
                sd_bus_call_method_async(
                        ends->client, NULL, NULL, "/org", "org.example", "ListUnits", on_reply, ends, ""),
                >=,
                0);
        while (ends->call == before) {
                turn(ends);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
}

static void ends_open(Ends *ends) {
        int fds[2];

        *ends = (Ends) { 0 };
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
        ends->server = open_end(fds[0], true);
        ends->client = open_end(fds[1], false);
        g_assert_cmpint(sd_bus_add_filter(ends->server, NULL, on_call, ends), >=, 0);
        begin_call(ends);
}

static void ends_close(Ends *ends) {
        sd_bus_message_unref(ends->call);
        sd_bus_message_unref(ends->reply);
        sd_bus_close_unref(ends->client);
        sd_bus_close_unref(ends->server);
}

static UnitList *make_units(guint n) {
        UnitList *units = unit_list_new();

        for (guint i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("u%u.service", i),
                                *path = g_strdup_printf("/org/u%u", i);
                const ListedUnit figures = {
                        .limit = UINT64_MAX - i,
                        .usage = i,
                        .working_set = i / 2,
                        .available = i * 2,
                };

                g_assert_cmpint(unit_list_add(units, &figures, name, path), ==, 0);
        }

        return units;
}

/* Waits for the reply, which has so many units, each as it was made. */
static void check_reply(Ends *ends, guint n) {
        gint64 deadline = g_get_monotonic_time() + WAIT_USEC;

        while (!ends->reply) {
                turn(ends);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }

        g_assert_cmpint(sd_bus_message_enter_container(ends->reply, 'a', "(sotttt)"), >, 0);
        for (guint i = 0; i < n; i++) {
                g_autofree char *name = g_strdup_printf("u%u.service", i),
                                *path = g_strdup_printf("/org/u%u", i);
                uint64_t limit, usage, working_set, available;
                const char *unit, *object_path;

                g_assert_cmpint(sd_bus_message_read(ends->reply,
                                                    "(sotttt)",
                                                    &unit,
                                                    &object_path,
                                                    &limit,
                                                    &usage,
                                                    &working_set,
                                                    &available),
                                >,
                                0);
                g_assert_cmpstr(unit, ==, name);
                g_assert_cmpstr(object_path, ==, path);
                g_assert_cmpuint(limit, ==, UINT64_MAX - i);
                g_assert_cmpuint(usage, ==, i);
                g_assert_cmpuint(working_set, ==, i / 2);
                g_assert_cmpuint(available, ==, i * 2);
        }
        g_assert_cmpint(sd_bus_message_at_end(ends->reply, false), >, 0);
}

/* With no time left, a unit is written; and other calls may be answered in between. */
static void test_pieces(void) {
        UnitList *units = make_units(UNITS);
        ListedReply reply;
        Ends ends;

        ends_open(&ends);
        g_assert_cmpint(listed_reply_begin(ends.call, units, &reply), >=, 0);
        for (guint i = 0; i < UNITS; i++) {
                g_assert_cmpint(listed_reply_go_on(&reply, 0), ==, 1);
                turn(&ends);
                g_assert_null(ends.reply);
        }
        g_assert_cmpint(listed_reply_go_on(&reply, 0), ==, 0);
        listed_reply_done(&reply);
        g_assert_null(reply.call);
        unit_list_unref(units);
        check_reply(&ends, UNITS);
        ends_close(&ends);
}

/* With time enough, it is written at once. */
static void test_whole(gconstpointer data) {
        guint n = GPOINTER_TO_UINT(data);
        UnitList *units = make_units(n);
        ListedReply reply;
        Ends ends;

        ends_open(&ends);
        g_assert_cmpint(listed_reply_begin(ends.call, units, &reply), >=, 0);
        g_assert_cmpint(listed_reply_go_on(&reply, UINT64_MAX), ==, 0);
        listed_reply_done(&reply);
        unit_list_unref(units);
        check_reply(&ends, n);
        ends_close(&ends);
}

/* While so much waits to be sent, there is no room for another; when that was read, there is. */
static void test_unread(void) {
        UnitList *units = make_units(UNITS_OF_TOO_MANY);
        gint64 deadline = g_get_monotonic_time() + WAIT_USEC;
        const size_t size = unit_list_size(units);
        ListedUnsent unsent = { 0 };
        ListedReply reply;
        Ends ends;

        ends_open(&ends);
        g_assert_true(listed_unsent_has_room(&unsent, ends.call, size));
        g_assert_cmpint(listed_reply_begin(ends.call, units, &reply), >=, 0);
        g_assert_cmpint(listed_reply_go_on(&reply, UINT64_MAX), ==, 0);
        listed_reply_done(&reply);
        listed_unsent_add(&unsent, size);
        unsent.since_usec += WAIT_USEC;
        g_assert_false(listed_unsent_has_room(&unsent, ends.call, size));
        g_assert_false(listed_unsent_has_room(&unsent, ends.call, 1));

        while (!ends.reply) {
                turn(&ends);
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        }
        g_assert_true(listed_unsent_has_room(&unsent, ends.call, size));
        unit_list_unref(units);
        ends_close(&ends);
}

/* Lists that are short may wait one behind the other; and none makes others wait for ever. */
static void test_short(void) {
        UnitList *units = make_units(UNITS_OF_TOO_MANY);
        ListedUnsent unsent = { 0 };
        ListedReply reply;
        Ends ends;

        ends_open(&ends);
        g_assert_cmpint(listed_reply_begin(ends.call, units, &reply), >=, 0);
        g_assert_cmpint(listed_reply_go_on(&reply, UINT64_MAX), ==, 0);
        listed_reply_done(&reply);
        listed_unsent_add(&unsent, 1000);
        unsent.since_usec += WAIT_USEC;
        g_assert_true(listed_unsent_has_room(&unsent, ends.call, 1000));

        listed_unsent_add(&unsent, unit_list_size(units));
        unsent.since_usec += WAIT_USEC;
        g_assert_false(listed_unsent_has_room(&unsent, ends.call, 1000));
        unsent.since_usec = 0;
        g_assert_true(listed_unsent_has_room(&unsent, ends.call, 1000));
        unit_list_unref(units);
        ends_close(&ends);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/listed/pieces", test_pieces);
        g_test_add_data_func("/listed/whole/none", GUINT_TO_POINTER(0), test_whole);
        g_test_add_data_func("/listed/whole/many", GUINT_TO_POINTER(1000), test_whole);
        g_test_add_func("/listed/unread", test_unread);
        g_test_add_func("/listed/short", test_short);
        return g_test_run();
}
