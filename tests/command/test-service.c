/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "figure.h"
#include "group.h"
#include "listening.h"
#include "run.h"
#include "scene.h"
#include "slice.h"
#include "stage.h"

/* With the service: on a bus, on its socket, and when it does not answer. */

#define UNIT_LIMIT (64 * MIB)
#define UNIT_LIMIT_TEXT "67108864"
#define NO_ANSWER "mymem: The service does not answer, reading the control groups directly.\n"

typedef struct Place {
        Scene scene;
        char *bus; /* a variable */
} Place;

static gboolean place_make(Place *place, const Stage *stage) {
        if (!scene_enter_empty(&place->scene, UNIT_LIMIT))
                return FALSE;

        place->bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage ? stage->bus->address : "", NULL);
        return TRUE;
}

static void place_leave(Place *place) {
        scene_leave(&place->scene);
        g_free(place->bus);
}

static char *replace(const char *text, const char *pattern, const char *with) {
        g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);

        return g_regex_replace_literal(regex, text, -1, 0, with, 0, NULL);
}

/* From where the figures come: that of oneself and of others from the service; a process is read. */
static void test_source(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        group_enter(place.scene.group);

        g_autofree char *number = g_strdup_printf("%d", getpid());
        const struct {
                const char *target, *option, *source;
        } cases[] = {
                { NULL, NULL, "bus" },
                { place.scene.name, NULL, "bus" },
                { place.scene.group, NULL, "bus" },
                { number, NULL, "cgroup" },
                { "0", NULL, "cgroup" },
                { "--direct", NULL, "cgroup" },
                { place.scene.name, "--direct", "cgroup" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Run) run = run_mymem(
                        WORDS(place.bus),
                        WORDS("show", "-v", "-P", "Source,Id,Limit", cases[i].target, cases[i].option));
                g_autofree char *wanted = NULL;

                wanted = g_strdup_printf("%s\n%s\n" UNIT_LIMIT_TEXT "\n", cases[i].source, place.scene.name);
                run_check_well(run);
                run_check_out(run, wanted);
        }
        slice_leave(place.scene.slice);
        place_leave(&place);
}

/* Figures that the service has a call of its own for. */
static void check_memory(const Place *place, const char *socket, const char *source) {
        g_autoptr(Run) run = run_mymem(WORDS(place->bus, socket),
                                       WORDS("show", "-v", "-P", "Limit,Source", "-P", "WorkingSet,Usage"));
        g_auto(GStrv) lines = g_strsplit(run->out, "\n", -1);
        guint64 working_set, usage;

        run_check_well(run);
        g_test_message("%s", run->out);
        g_assert_cmpuint(g_strv_length(lines), ==, 5);
        g_assert_cmpstr(lines[0], ==, UNIT_LIMIT_TEXT);
        g_assert_cmpstr(lines[1], ==, source);
        working_set = g_ascii_strtoull(lines[2], NULL, 10);
        usage = g_ascii_strtoull(lines[3], NULL, 10);
        g_assert_cmpuint(working_set, >, 0);
        g_assert_cmpuint(working_set, <=, usage);
        g_assert_cmpuint(usage, <=, UNIT_LIMIT);
}

static void test_memory(Stage *stage, const void *data) {
        Listening *listening;
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        listening = listening_start();
        group_enter(place.scene.group);
        check_memory(&place, listening->variable, "socket");
        check_memory(&place, "MYMEM_SOCKET=", "bus");

        g_autoptr(Run) other =
                run_mymem(WORDS(place.bus), WORDS("show", "-PLimit,Source", place.scene.name));
        g_autoptr(Run) json = run_mymem(WORDS(place.bus, "MYMEM_SOCKET="),
                                        WORDS("show", "--json=short", "-PLimit,Source"));

        slice_leave(place.scene.slice);
        run_check_well(other);
        run_check_out(other, UNIT_LIMIT_TEXT "\nbus\n");
        run_check_well(json);
        run_check_out(json, "{\"Limit\":" UNIT_LIMIT_TEXT ",\"Source\":\"bus\"}\n");
        listening_stop(listening);
        place_leave(&place);
}

/* It says the same as reading does, in every form. */
static void test_same(Stage *stage, const void *data) {
        static const char *const verbs[][3] = {
                { "show", NULL },         { "show", "--json=short" },       { "status", "-b" },
                { "explain", "--bytes" }, { "explain", "--json=pretty" },   { "meminfo", NULL },
                { "fit", "1M" },          { "fit", "--reserve=10%", "3M" },
        };
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
                const char *asked[] = { verbs[i][0], place.scene.name, verbs[i][1], verbs[i][2], NULL };
                const char *read[] = { verbs[i][0], "--direct",  place.scene.name,
                                       verbs[i][1], verbs[i][2], NULL };

                if (g_str_equal(verbs[i][0], "fit")) {
                        asked[1] = verbs[i][2] ? verbs[i][2] : verbs[i][1];
                        asked[2] = place.scene.name;
                        asked[3] = verbs[i][2] ? verbs[i][1] : NULL;
                        read[2] = asked[1];
                        read[3] = asked[2];
                        read[4] = asked[3];
                }
                g_autoptr(Run) service = run_mymem(WORDS(place.bus), asked);
                g_autoptr(Run) direct = run_mymem(WORDS(place.bus), read);
                g_autofree char *source = replace(service->out, "(Source\\W+)bus", "Source=cgroup");
                g_autofree char *other = replace(direct->out, "(Source\\W+)cgroup", "Source=cgroup");
                /* What others take of the machine moves meanwhile. */
                g_autofree char *wanted = replace(other, "^/ .*$|\"/\"[^}]*", "/");
                g_autofree char *got = replace(source, "^/ .*$|\"/\"[^}]*", "/");

                run_check_well(service);
                run_check_well(direct);
                g_test_message("%s", service->line);
                g_assert_cmpstr(got, ==, wanted);
        }
        place_leave(&place);
}

static void test_list(Stage *stage, const void *data) {
        g_autofree char *pattern = NULL;
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        pattern = slice_name(place.scene.slice, "%*");
        g_autoptr(Run) service = run_mymem(WORDS(place.bus), WORDS("list", "-v", "--no-legend", pattern));
        g_autoptr(Run) direct = run_mymem(NULL, WORDS("list", "--no-legend", "--direct", pattern));
        g_autoptr(Run) glob = run_mymem(WORDS(place.bus), WORDS("show", "-v", "-PId,Source", pattern));
        g_autofree char *wanted = NULL;

        run_check_well(service);
        run_check_well(direct);
        run_check_out(service, direct->out);
        g_assert_nonnull(strstr(service->out, place.scene.name));
        wanted = g_strdup_printf("%s\nbus\n%s.slice\nbus\n", place.scene.name, place.scene.slice->name);
        run_check_well(glob);
        run_check_out(glob, wanted);
        place_leave(&place);
}

/* The screen of a real unit; its figures are masked. */
static void test_screen(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        g_autoptr(Run) run = run_mymem(WORDS(place.bus, "COLUMNS=200"), WORDS("status", place.scene.name));
        g_autofree char *no_swap = replace(run->out, "^ *Swap: .*\n", "");
        g_autofree char *no_numbers =
                replace(no_swap, "(?<![\\w.-])[0-9]+(\\.[0-9])?[BKMGT]?(?![\\w.-])", "#");
        g_autofree char *screen = replace(no_numbers, "[█▒░╳]{100}", "BAR");
        g_autofree char *wanted = g_strdup_printf("● %s\n"
                                                  "  Control group: %s\n"
                                                  "         Memory: BAR\n"
                                                  "                 # working set, # cache, # free\n"
                                                  "          Limit: #, set by %s\n"
                                                  "      Available: #, bound by %s\n"
                                                  "           Peak: #\n"
                                                  "      OOM kills: #\n",
                                                  place.scene.name,
                                                  place.scene.group,
                                                  place.scene.name,
                                                  place.scene.name);

        run_check_well(run);
        g_assert_cmpstr(screen, ==, wanted);
        place_leave(&place);
}

/* A final answer of the service is an answer. */
static void test_errors(Stage *stage, const void *data) {
        g_autofree char *bus = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", stage->bus->address, NULL);
        g_autoptr(Run) unit = run_mymem(WORDS(bus), WORDS("show", "-v", "mymem-no-such.service"));
        g_autoptr(Run) group = run_mymem(WORDS(bus), WORDS("show", "-v", "/mymem-no-such.slice"));
        g_autoptr(Run) process = run_mymem(WORDS(bus), WORDS("show", "4294967295"));

        (void) data;
        run_check_complaint(unit, 4, "mymem-no-such.service");
        run_check_complaint(group, 4, "/mymem-no-such.slice");
        run_check_complaint(process, 3, "no such process");
}

/* Nobody answers: it is said once, if at all. */
static void check_silence(const Place *place, const char *bus, const char *socket) {
        static const char *const sources = "cgroup\n";
        g_autoptr(Run) quiet = run_mymem(WORDS(bus, socket), WORDS("show", "-PSource", place->scene.name));
        g_autoptr(Run) verbose = run_mymem(
                WORDS(bus, socket),
                WORDS("show", "-v", "-PSource", place->scene.name, place->scene.group, place->scene.name));
        g_autoptr(Run) own = run_mymem(WORDS(bus, socket), WORDS("show", "--verbose", "-PSource"));
        g_autoptr(Run) list =
                run_mymem(WORDS(bus, socket), WORDS("list", "-v", "--no-legend", place->scene.name));

        run_check_well(quiet);
        run_check_out(quiet, sources);
        run_check_exit(verbose, 0);
        run_check_out(verbose, "cgroup\ncgroup\ncgroup\n");
        g_assert_cmpstr(verbose->err, ==, NO_ANSWER);
        run_check_exit(own, 0);
        run_check_out(own, sources);
        g_assert_cmpstr(own->err, ==, NO_ANSWER);
        run_check_exit(list, 0);
        g_assert_true(g_str_has_prefix(list->out, place->scene.name));
        g_assert_cmpstr(list->err, ==, NO_ANSWER);
}

static void test_unreachable(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        check_silence(&place, "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus", NULL);
        check_silence(&place, "DBUS_SYSTEM_BUS_ADDRESS=", "MYMEM_SOCKET=/nonexistent/bus");
        place_leave(&place);
}

/* One that is there and says nothing. */
static void test_stopped(Stage *stage, const void *data) {
        Listening *listening;
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        listening = listening_start();
        g_assert_cmpint(kill(stage->service->pid, SIGSTOP), ==, 0);
        g_assert_cmpint(kill(listening->pid, SIGSTOP), ==, 0);
        check_silence(&place, place.bus, listening->variable);
        g_assert_cmpint(kill(stage->service->pid, SIGCONT), ==, 0);
        listening_stop(listening);
        place_leave(&place);
}

/* The socket answers for oneself, and before the bus. */
static void test_socket(Stage *stage, const void *data) {
        Listening *listening;
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        listening = listening_start();
        group_enter(place.scene.group);
        g_autoptr(Run) own =
                run_mymem(WORDS(place.bus, listening->variable), WORDS("show", "-v", "-PSource,Id,Limit"));
        g_autoptr(Run) status =
                run_mymem(WORDS(place.bus, listening->variable, "COLUMNS=200"), WORDS("status", "-v"));
        g_autoptr(Run) explain =
                run_mymem(WORDS(place.bus, listening->variable, "COLUMNS=200"), WORDS("explain", "-v"));
        g_autoptr(Run) other = run_mymem(WORDS(place.bus, listening->variable),
                                         WORDS("show", "-PSource", place.scene.name));
        g_autofree char *wanted = g_strdup_printf("socket\n%s\n" UNIT_LIMIT_TEXT "\n", place.scene.name);

        slice_leave(place.scene.slice);
        run_check_well(own);
        run_check_out(own, wanted);
        run_check_well(status);
        g_assert_nonnull(strstr(status->out, place.scene.group));
        run_check_well(explain);
        g_assert_nonnull(strstr(explain->out, place.scene.name));
        run_check_well(other);
        run_check_out(other, "bus\n");
        listening_stop(listening);
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/service/source", test_source);
        stage_add("/service/memory", test_memory);
        stage_add("/service/same", test_same);
        stage_add("/service/list", test_list);
        stage_add("/service/screen", test_screen);
        stage_add("/service/errors", test_errors);
        stage_add("/service/unreachable", test_unreachable);
        stage_add("/service/stopped", test_stopped);
        stage_add("/service/socket", test_socket);
        return stage_run();
}
