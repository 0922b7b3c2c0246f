/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "directory.h"
#include "figure.h"
#include "group.h"
#include "run.h"
#include "scene.h"
#include "slice.h"
#include "stage.h"

/* --host=: the real bridge to the private bus, through a stand-in for ssh that says whom it was asked for.
 */

#define UNIT_LIMIT (64 * MIB)
#define UNIT_LIMIT_TEXT "67108864"

static const char ssh[] = "#!/bin/sh\n"
                          "echo \"$*\" >> \"$SSH_LOG\"\n"
                          "case \"$*\" in\n"
                          "*elsewhere*)\n"
                          "        exec systemd-stdio-bridge --bus-path=\"$SSH_BUS\" ;;\n"
                          "*)\n"
                          "        exit 255 ;;\n"
                          "esac\n";

typedef struct Place {
        Directory directory; /* in which the stand-in is */
        Scene scene;
        char *path; /* variables */
        char *bus;
        char *log;
} Place;

static gboolean place_make(Place *place, const Stage *stage) {
        g_autofree char *program = NULL;

        if (!scene_enter_empty(&place->scene, UNIT_LIMIT))
                return FALSE;

        directory_make(&place->directory);
        program = g_build_filename(place->directory.path, "ssh", NULL);
        g_assert_true(g_file_set_contents(program, ssh, -1, NULL));
        g_assert_cmpint(g_chmod(program, 0755), ==, 0);
        place->path = g_strdup_printf("PATH=%s:%s", place->directory.path, g_getenv("PATH"));
        place->bus = g_strconcat("SSH_BUS=", stage->bus->address, NULL);
        place->log = g_strdup_printf("SSH_LOG=%s/log", place->directory.path);
        return TRUE;
}

static void place_leave(Place *place) {
        directory_remove(&place->directory);
        scene_leave(&place->scene);
        g_free(place->path);
        g_free(place->bus);
        g_free(place->log);
}

static Run *run_there(const Place *place, const char *const *arguments) {
        return run_mymem(WORDS(place->path, place->bus, place->log), arguments);
}

/* Every verb, with each kind of target. */
static void test_verbs(Stage *stage, const void *data) {
        g_autofree char *log = NULL, *text = NULL, *number = NULL, *pattern = NULL, *sample = NULL;
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        number = g_strdup_printf("%d", getpid());
        pattern = slice_name(place.scene.slice, "%-w?b*");
        sample = g_strdup_printf("mymem_memory_max_bytes{unit=\"%s\",slice=\"%s.slice\","
                                 "control_group=\"%s\"} " UNIT_LIMIT_TEXT "\n",
                                 place.scene.name,
                                 place.scene.slice->name,
                                 place.scene.group);
        group_enter(place.scene.group);

        const struct {
                const char *words[5];
                const char *part;
        } cases[] = {
                { { "show", "-PSource,Limit", place.scene.name }, "bus\n" UNIT_LIMIT_TEXT "\n" },
                { { "show", "-PLimit,Source", place.scene.group }, UNIT_LIMIT_TEXT "\nbus\n" },
                { { "show", "-PLimit", number }, UNIT_LIMIT_TEXT "\n" },
                { { "show", "-PLimit", pattern }, UNIT_LIMIT_TEXT "\n" },
                { { "show", "--json=short", "-PLimit", place.scene.name },
                  "{\"Limit\":" UNIT_LIMIT_TEXT "}\n" },
                { { "status", place.scene.name }, "64.0M, set by " },
                { { "explain", "-b", place.scene.name }, UNIT_LIMIT_TEXT },
                { { "explain", place.scene.name },
                  "To change that: systemctl -H me@elsewhere set-property " },
                { { "list", "-b", "--no-legend", pattern }, UNIT_LIMIT_TEXT },
                { { "list", "-b", "-tservice", place.scene.name }, "1 unit listed" },
                { { "meminfo", place.scene.name }, "MemTotal:          65536 kB\n" },
                { { "fit", "128M", place.scene.name }, "0\n" },
                { { "metrics", pattern }, sample },
                { { "metrics" }, sample },
                { { "wait", "--timeout=1us", "--available-below=65M", place.scene.name }, "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *const *w = cases[i].words;
                g_autoptr(Run) run = run_there(&place, WORDS("-H", "me@elsewhere", w[0], w[1], w[2], w[3]));

                run_check_well(run);
                g_test_message("%s: %s", run->line, run->out);
                g_assert_nonnull(strstr(run->out, cases[i].part));
        }
        slice_leave(place.scene.slice);

        /* It was ssh that was asked, and for that host. */
        log = g_build_filename(place.directory.path, "log", NULL);
        g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
        g_test_message("%s", text);
        g_assert_nonnull(strstr(text, "me@elsewhere"));
        place_leave(&place);
}

/* Errors are those of the other machine; one that cannot be reached is named, and not replaced by ours. */
static void test_errors(Stage *stage, const void *data) {
        Place place;

        (void) data;
        if (!place_make(&place, stage))
                return;
        const struct {
                const char *host, *words[3];
                int exit_code;
                const char *word;
        } cases[] = {
                { "elsewhere", { "show", "mymem-no-such" }, 4, "mymem-no-such.service" },
                { "elsewhere", { "show", "mymem-no-such*" }, 4, "mymem-no-such*" },
                { "elsewhere", { "status", "4294967295" }, 3, "no such process" },
                { "nowhere", { "show", place.scene.name }, 1, "nowhere" },
                { "nowhere", { "show", "1" }, 1, "nowhere" },
                { "nowhere", { "show", "*" }, 1, "nowhere" },
                { "nowhere", { "list", NULL }, 1, "nowhere" },
                { "nowhere", { "metrics", NULL }, 1, "nowhere" },
                { "nowhere", { "metrics", place.scene.name }, 1, "nowhere" },
                { "nowhere", { "explain", place.scene.name }, 1, "nowhere" },
                { "nowhere", { "meminfo", place.scene.group }, 1, "nowhere" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *const *w = cases[i].words;
                g_autoptr(Run) run = run_there(&place, WORDS("--host", cases[i].host, w[0], w[1]));

                run_check_complaint(run, cases[i].exit_code, cases[i].word);
        }
        place_leave(&place);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        stage_add("/host/verbs", test_verbs);
        stage_add("/host/errors", test_errors);
        return stage_run();
}
