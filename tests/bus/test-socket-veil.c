/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who connects from a PID namespace below ours, as from a container, is shown its own unit and what lies in
 * it, and of the host only how much it is allowed. On the bus everybody sees what everybody can see anyway.
 */

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "level.h"
#include "names.h"
#include "namespace.h"
#include "properties.h"
#include "slice.h"
#include "socket.h"
#include "stage.h"
#include "stranger.h"

#define SLICE_LIMIT (128 * MIB)
#define UNIT_LIMIT (96 * MIB)
#define WORKER_LIMIT (64 * MIB)
#define DEEP 140 /* more than anybody looks at */

/* Where the process in the namespace lives, and how it is shown that: the groups of its chain, innermost
 * first, as they are and as they are seen from its unit. */
typedef struct Place {
        const Socket *stage;
        char *group; /* it enters this */
        const char *unit;
        const char *system_unit; /* what it is shown of it */
        const char *hidden[3];   /* what stands in nothing that it is told */
        const char *seen[5];     /* the chain, as it is to be seen */
        char *real[5];           /* and as it is */
        size_t n, n_own;         /* its groups, and those that are its unit's or lie in it */
        const char *reported, *limit_by, *opened; /* as seen; the last is NULL if it gets no files */
        uint64_t limit;
} Place;

static const char *see(const Place *place, const char *real) {
        for (size_t i = 0; i < place->n; i++)
                if (strcmp(place->real[i], real) == 0)
                        return place->seen[i];
        g_assert_cmpstr(real, ==, "");
        return "";
}

static void check_chain(const Place *place, sd_bus *client) {
        sd_bus_message *reply = NULL;
        size_t i = 0;

        g_assert_cmpstr(level_ask(client, MYMEM_SELF_PATH, &reply), ==, NULL);
        for (Level level; level_next(reply, &level); i++) {
                g_assert_cmpuint(i, <, place->n);
                g_assert_cmpstr(level.group, ==, place->seen[i]);
                if (i < place->n_own) {
                        g_assert_cmpstr(level.unit, ==, place->unit);
                        g_assert_cmpuint(level.usage, <, UINT64_MAX);
                        continue;
                }
                g_assert_cmpstr(level.unit, ==, "");
                g_assert_cmpuint(level.usage, ==, UINT64_MAX);
                g_assert_cmpuint(level.working_set, ==, UINT64_MAX);
                g_assert_cmpuint(level.available, ==, UINT64_MAX);
                g_assert_cmpuint(level.swap, ==, UINT64_MAX);
                /* The limits are those of its own budget. */
                if (i + 1 < place->n)
                        g_assert_cmpuint(
                                level.max, ==, group_number(place->real[i], "memory.limit_in_bytes"));
        }
        g_assert_cmpuint(i, ==, place->n);
        sd_bus_message_unref(reply);
}

/* Its own object, next to the same one on the bus. */
static void check_properties(const Place *place, sd_bus *client, sd_bus *bus) {
        static const char *const groups[] = {
                "ControlGroup", "LimitBy", "HighLimitBy", "SwapLimitBy", "AvailableBy"
        };
        static const char *const same[] = { "Limit", "HighLimit", "SwapLimit", "Max", "High" };
        g_autoptr(GHashTable) veiled = NULL, open = NULL;

        g_assert_cmpstr(properties_read(client, &veiled, MYMEM_SELF_PATH), ==, NULL);
        g_assert_cmpstr(properties_read(bus, &open, MYMEM_SELF_PATH), ==, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
                g_test_message("%s is %s", groups[i], properties_text(open, groups[i]));
                g_assert_cmpstr(properties_text(veiled, groups[i]),
                                ==,
                                see(place, properties_text(open, groups[i])));
        }
        for (size_t i = 0; i < G_N_ELEMENTS(same); i++)
                g_assert_cmpuint(properties_number(veiled, same[i]), ==, properties_number(open, same[i]));
        g_assert_cmpstr(properties_text(veiled, "Id"), ==, place->unit);
        g_assert_cmpstr(properties_text(veiled, "SystemUnit"), ==, place->system_unit);
        g_assert_cmpstr(properties_text(veiled, "Slice"), ==, "");
        g_assert_cmpstr(properties_text(veiled, "ControlGroup"), ==, place->reported);
        g_assert_cmpstr(properties_text(veiled, "LimitBy"), ==, place->limit_by);
        g_assert_cmpuint(properties_number(veiled, "Limit"), ==, place->limit);

        /* The bus tells it as everybody. */
        g_assert_cmpstr(properties_text(open, "Slice"), !=, "");
        g_assert_true(g_str_has_prefix(properties_text(open, "ControlGroup"), "/mymembus"));
}

static void check_manager(const Place *place, sd_bus *client, sd_bus *bus) {
        sd_bus_message *reply = NULL;
        const char *unit, *path, *error, *by;
        Figures figures;
        uint64_t available;

        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.limit, ==, place->limit);
        g_assert_cmpstr(client_unit(client, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_cmpstr(unit, ==, place->unit);
        g_assert_cmpstr(path, ==, MYMEM_SELF_PATH);
        g_assert_cmpstr(
                client_call(
                        client, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetAvailable", NULL),
                ==,
                NULL);
        g_assert_cmpint(sd_bus_message_read(reply, "ts", &available, &by), >, 0);
        g_assert_cmpuint(available, <=, place->limit);
        g_assert_cmpstr(by, ==, place->limit_by);
        reply = sd_bus_message_unref(reply);

        error = client_call(client, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory", NULL);
        if (place->opened) {
                g_assert_cmpstr(error, ==, NULL);
                g_assert_cmpint(sd_bus_message_read(reply, "s", &path), >, 0);
                g_assert_cmpstr(path, ==, place->opened);
                sd_bus_message_unref(reply);
        } else
                g_assert_cmpstr(error, ==, MYMEM_ERROR_NOT_SUPPORTED);

        g_assert_cmpstr(client_unit(bus, &unit, &path, "GetUnit", NULL), ==, NULL);
        g_assert_true(g_str_has_prefix(path, MYMEM_UNIT_PATH "/mymembus"));
}

/* Whatever it asks, none of its host's names is in the bytes that it gets, be they an answer or an error. */
static void check_bytes(const Place *place) {
        static const struct {
                const char *path, *interface, *member, *text;
        } calls[] = {
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetMemory", NULL },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetAvailable", NULL },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "GetUnit", NULL },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory", NULL },
                { MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", NULL },
                { MYMEM_MANAGER_PATH, "org.freedesktop.DBus.Introspectable", "Introspect", NULL },
                { MYMEM_SELF_PATH, "org.freedesktop.DBus.Introspectable", "Introspect", NULL },
                { MYMEM_SELF_PATH, "org.freedesktop.DBus.Properties", "GetAll", MYMEM_UNIT_INTERFACE },
                { MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetChain", NULL },
                { MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, "GetStatistics", NULL },
        };
        int fd = stranger_open(place->stage->address);

        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
                g_autoptr(GByteArray) reply = NULL;

                g_test_message("%s", calls[i].member);
                g_assert_true(stranger_call(fd,
                                            &(WireCall) { .serial = 7,
                                                          .path = calls[i].path,
                                                          .interface = calls[i].interface,
                                                          .member = calls[i].member,
                                                          .text = calls[i].text }));
                reply = stranger_read(fd);
                g_assert_nonnull(reply);
                for (size_t j = 0; j < G_N_ELEMENTS(place->hidden) && place->hidden[j]; j++)
                        g_assert_null(
                                memmem(reply->data, reply->len, place->hidden[j], strlen(place->hidden[j])));
        }
        close(fd);
}

static void look(const void *data) {
        const Place *place = data;
        sd_bus *client, *bus;

        group_enter(place->group);
        client = client_open(place->stage->address);
        bus = client_open(place->stage->bus->address);
        check_manager(place, client, bus);
        check_properties(place, client, bus);
        check_chain(place, client);
        check_bytes(place);
        sd_bus_flush_close_unref(client);
        sd_bus_flush_close_unref(bus);
}

static void place_free(Place *place) {
        g_free(place->group);
        for (size_t i = 0; i < place->n; i++)
                g_free(place->real[i]);
}

/* Looks from the unit itself, whose limit is the slice's or a smaller one of its own. */
static void look_from_unit(Socket *stage, const char *limit_by, uint64_t limit) {
        Slice *slice = slice_new();

        if (!slice)
                return;

        Place place = { .stage = stage,
                        .group = slice_group(slice, "veiled.service"),
                        .unit = "veiled.service",
                        .system_unit = "veiled.service",
                        .hidden = { slice->name },
                        .seen = { "/", "/..", "/../.." },
                        .n = 3,
                        .n_own = 1,
                        .reported = "/",
                        .limit_by = limit_by,
                        .limit = limit };
        place.real[0] = g_strdup(place.group);
        place.real[1] = g_strdup(slice->path);
        place.real[2] = g_strdup("/");
        group_write(slice->path, "memory.limit_in_bytes", SLICE_LIMIT);
        if (limit < SLICE_LIMIT)
                group_write(place.group, "memory.limit_in_bytes", limit);
        (void) namespace_run(look, &place);
        place_free(&place);
        slice_free(slice);
}

/* Its own limit and the slice's: so there are files that it may not have. */
static void test_unit(Socket *stage, const void *data) {
        (void) data;
        look_from_unit(stage, "/", UNIT_LIMIT);
}

/* The slice's limit is the unit's: that it is so is shown, and not which slice that is. */
static void test_slice(Socket *stage, const void *data) {
        (void) data;
        look_from_unit(stage, "/..", SLICE_LIMIT);
}

/* Below the unit, which nothing above limits: there are files, and what is below is shown with its name. */
static void test_worker(Socket *stage, const void *data) {
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;

        Place place = { .stage = stage,
                        .unit = "veiled.service",
                        .system_unit = "veiled.service",
                        .hidden = { slice->name },
                        .seen = { "/jobs/worker", "/jobs", "/", "/..", "/../.." },
                        .n = 5,
                        .n_own = 3,
                        .reported = "/jobs",
                        .limit_by = "/jobs",
                        .opened = "/jobs",
                        .limit = WORKER_LIMIT };
        place.real[2] = slice_group(slice, "veiled.service");
        place.real[1] = slice_group(slice, "veiled.service/jobs");
        place.real[0] = slice_group(slice, "veiled.service/jobs/worker");
        place.real[3] = g_strdup(slice->path);
        place.real[4] = g_strdup("/");
        place.group = g_strdup(place.real[0]);
        group_write(place.real[2], "memory.limit_in_bytes", UNIT_LIMIT);
        group_write(place.real[1], "memory.limit_in_bytes", WORKER_LIMIT);
        (void) namespace_run(look, &place);
        place_free(&place);
        slice_free(slice);
}

/* A unit of a unit: what it lies in is the host's. */
static void test_foreign(Socket *stage, const void *data) {
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;

        Place place = { .stage = stage,
                        .unit = "veiled.service",
                        .system_unit = "",
                        .hidden = { slice->name, "user@4711" },
                        .seen = { "/", "/..", "/../..", "/../../.." },
                        .n = 4,
                        .n_own = 1,
                        .reported = "/",
                        .limit_by = "/..",
                        .limit = UNIT_LIMIT };
        place.real[1] = slice_group(slice, "user@4711.service");
        place.real[0] = slice_group(slice, "user@4711.service/veiled.service");
        place.real[2] = g_strdup(slice->path);
        place.real[3] = g_strdup("/");
        place.group = g_strdup(place.real[0]);
        group_write(place.real[1], "memory.limit_in_bytes", UNIT_LIMIT);
        (void) namespace_run(look, &place);
        place_free(&place);
        slice_free(slice);
}

static void look_from_deep(const void *data) {
        const Place *place = data;
        sd_bus *client;
        Figures figures;

        group_enter(place->group);
        client = client_open(place->stage->address);
        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, MYMEM_ERROR_NOT_SUPPORTED);
        sd_bus_flush_close_unref(client);
        check_bytes(place);
}

/* So deep that it gets an error, whose sentence speaks of a group. */
static void test_deep(Socket *stage, const void *data) {
        g_autoptr(GString) below = g_string_new("veiled.service");
        Slice *slice;

        (void) data;
        slice = slice_new();
        if (!slice)
                return;

        Place place = { .stage = stage, .hidden = { slice->name, "/d/d" } };

        for (unsigned i = 0; i < DEEP; i++) {
                g_free(place.group);
                place.group = slice_group(slice, below->str);
                g_string_append(below, "/d");
        }
        (void) namespace_run(look_from_deep, &place);
        place_free(&place);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add_with_bus("/socket-veil/unit", test_unit);
        socket_add_with_bus("/socket-veil/slice", test_slice);
        socket_add_with_bus("/socket-veil/worker", test_worker);
        socket_add_with_bus("/socket-veil/foreign", test_foreign);
        socket_add("/socket-veil/deep", test_deep);

        return stage_run();
}
