/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who asks again and again is answered from files that are kept open: whatever changes is seen by the next
 * call all the same. */

#include <glib.h>
#include <stdio.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "slice.h"
#include "stage.h"

#define UNIT_LIMIT (64 * MIB)
#define OTHER_LIMIT (48 * MIB)
#define PAUSE_USEC 1000
#define CHANGES 20

/* Of those that call, so many are kept, with so many descriptors each at most. */
#define CALLERS 200
#define KEPT_MAX 64
#define DESCRIPTORS_EACH 11

/* What is looked at rarely is seen after this time. */
#define SEEN_USEC (5 * G_USEC_PER_SEC)

typedef struct Place {
        const Stage *stage;
        Slice *slice;
        char *unit, *other;
} Place;

static Figures read_figures(const Place *place) {
        Figures figures = { 0 };

        g_assert_cmpstr(client_figures(place->stage->client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(figures.working_set, <=, figures.usage);
        return figures;
}

static void check_limit(const Place *place, uint64_t limit) {
        g_assert_cmpuint(read_figures(place).limit, ==, limit);
}

/* How many the service has open when it is done with all that was asked. */
static unsigned count_descriptors(const Stage *stage) {
        g_assert_null(client_ping(stage->client));
        return service_descriptors(stage->service);
}

/* Calls until the files are kept, which can be seen by their number. */
static void warm_up(const Place *place) {
        unsigned n;

        check_limit(place, UNIT_LIMIT);
        n = count_descriptors(place->stage);
        check_limit(place, UNIT_LIMIT);
        g_assert_cmpuint(count_descriptors(place->stage), >, n);
}

static void set_limit(const char *group, uint64_t limit) {
        group_write(group, "memory.limit_in_bytes", limit);
}

/* This process, which calls, in a unit with UNIT_LIMIT. */
static bool place_enter(Place *place, const Stage *stage) {
        place->stage = stage;
        place->slice = slice_new();
        if (!place->slice)
                return false;

        place->unit = slice_group(place->slice, "%-unit.service");
        place->other = slice_group(place->slice, "%-other.service");
        set_limit(place->unit, UNIT_LIMIT);
        set_limit(place->other, OTHER_LIMIT);
        group_enter(place->unit);
        warm_up(place);
        return true;
}

static void place_leave(Place *place) {
        slice_free(place->slice);
        g_free(place->unit);
        g_free(place->other);
}

static void test_limit(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        for (unsigned i = 1; i <= CHANGES; i++) {
                set_limit(place.unit, UNIT_LIMIT - i * MIB);
                check_limit(&place, UNIT_LIMIT - i * MIB);
        }

        /* The one above binds, and then no more. */
        set_limit(place.slice->path, 32 * MIB);
        check_limit(&place, 32 * MIB);
        set_limit(place.slice->path, 128 * MIB);
        check_limit(&place, UNIT_LIMIT - CHANGES * MIB);
        place_leave(&place);
}

static void test_moved(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        for (unsigned i = 0; i < CHANGES; i++) {
                group_enter(place.other);
                check_limit(&place, OTHER_LIMIT);
                if (i % 2 > 0)
                        check_limit(&place, OTHER_LIMIT);
                group_enter(place.unit);
                check_limit(&place, UNIT_LIMIT);
        }
        place_leave(&place);
}

/* The path is the same, the group another one. */
static void test_recreated(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        for (unsigned i = 1; i <= CHANGES; i++) {
                group_enter(place.other);
                group_remove(place.unit);
                group_make(place.unit);
                set_limit(place.unit, UNIT_LIMIT - i * MIB);
                group_enter(place.unit);
                check_limit(&place, UNIT_LIMIT - i * MIB);
                check_limit(&place, UNIT_LIMIT - i * MIB);
                check_limit(&place, UNIT_LIMIT - i * MIB);
        }
        place_leave(&place);
}

/* On v1 a group can be given another's name, with the caller in it: then all that is known of it looks as it
 * was, for a while. */
static void test_renamed(Stage *stage, const void *data) {
        g_autofree char *unit = NULL, *other = NULL, *away = NULL;
        gint64 deadline = g_get_monotonic_time() + SEEN_USEC;
        Figures figures;
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        unit = group_memory_directory(place.unit);
        other = group_memory_directory(place.other);
        away = g_strconcat(unit, ".away", NULL);

        group_enter_memory(place.other);
        g_assert_cmpint(rename(unit, away), ==, 0);
        g_assert_cmpint(rename(other, unit), ==, 0);
        /* With pauses: a sanitizer keeps for a while what was freed, and the group has a limit. */
        while ((figures = read_figures(&place)).limit != OTHER_LIMIT && g_get_monotonic_time() < deadline)
                g_usleep(PAUSE_USEC);
        g_assert_cmpuint(figures.limit, ==, OTHER_LIMIT);

        g_assert_cmpint(rename(unit, other), ==, 0);
        g_assert_cmpint(rename(away, unit), ==, 0);
        place_leave(&place);
}

/* A limit below the unit makes its group the one that is reported, and a higher one the unit again. */
static void test_delegated(Stage *stage, const void *data) {
        g_autofree char *child = NULL;
        Figures figures;
        pid_t tenant;
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        child = slice_group(place.slice, "%-unit.service/child");
        tenant = slice_tenant(place.unit, 24 * MIB, 0);
        group_enter(child);
        check_limit(&place, UNIT_LIMIT);
        for (unsigned i = 0; i < 3; i++) {
                g_assert_cmpuint(read_figures(&place).usage, >=, 24 * MIB);
                set_limit(child, 16 * MIB);
                figures = read_figures(&place);
                g_assert_cmpuint(figures.limit, ==, 16 * MIB);
                g_assert_cmpuint(figures.usage, <=, 16 * MIB);
                set_limit(child, 128 * MIB);
                check_limit(&place, UNIT_LIMIT);
        }
        child_kill(tenant);
        place_leave(&place);
}

/* The figures are those of now, of course. */
static void test_usage(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        for (unsigned i = 0; i < 3; i++) {
                uint64_t usage = read_figures(&place).usage;
                pid_t tenant = slice_tenant(place.unit, 16 * MIB, 8 * MIB);
                Figures figures = read_figures(&place);

                g_assert_cmpuint(figures.usage, >=, usage + 20 * MIB);
                g_assert_cmpuint(figures.usage - figures.working_set, >=, 6 * MIB);
                child_kill(tenant);
        }
        place_leave(&place);
}

/* However many call, what is kept has a bound. */
static void test_many(Stage *stage, const void *data) {
        sd_bus *clients[CALLERS];
        Figures figures;
        unsigned n;
        Place place;

        (void) data;
        if (!place_enter(&place, stage))
                return;
        for (unsigned i = 0; i < CALLERS; i++)
                clients[i] = client_open(stage->bus->address);
        for (unsigned i = 0; i < CALLERS; i++)
                g_assert_cmpstr(client_figures(clients[i], &figures, "GetMemory", NULL), ==, NULL);
        n = count_descriptors(stage);

        for (unsigned round = 0; round < 4; round++)
                for (unsigned i = 0; i < CALLERS; i++) {
                        g_assert_cmpstr(client_figures(clients[i], &figures, "GetMemory", NULL), ==, NULL);
                        g_assert_cmpuint(figures.limit, ==, UNIT_LIMIT);
                }
        g_assert_cmpuint(count_descriptors(stage), >, n);
        g_assert_cmpuint(count_descriptors(stage), <=, n + KEPT_MAX * DESCRIPTORS_EACH);

        for (unsigned i = 0; i < CALLERS; i++)
                sd_bus_flush_close_unref(clients[i]);
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        stage_add("/kept/limit", test_limit);
        stage_add("/kept/moved", test_moved);
        stage_add("/kept/recreated", test_recreated);
        stage_add("/kept/renamed", test_renamed);
        stage_add("/kept/delegated", test_delegated);
        stage_add("/kept/usage", test_usage);
        stage_add("/kept/many", test_many);

        return stage_run();
}
