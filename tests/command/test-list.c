/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "document.h"
#include "run.h"

/* The verb `list`: which units, in which order. What they look like is in test-screens.c. */

static Captured *machine = NULL;

/* The first words of the lines, joined by blanks; the user's own number is N. */
static char *names_of(const Run *run) {
        g_auto(GStrv) lines = g_strsplit(run->out, "\n", -1);
        g_autofree char *own = g_strdup_printf("user-%u.slice", (unsigned) getuid());
        g_autofree char *manager = g_strdup_printf("user@%u.service", (unsigned) getuid());
        GString *names = g_string_new(NULL);

        for (char **line = lines; *line && **line != '\0'; line++) {
                g_autofree char *name = g_strndup(*line, strcspn(*line, " "));

                g_string_append_printf(names,
                                       "%s%s",
                                       names->len > 0 ? " " : "",
                                       g_str_equal(name, own)             ? "user-N.slice" :
                                               g_str_equal(name, manager) ? "user@N.service" :
                                                                            name);
        }
        return g_string_free(names, FALSE);
}

#define DOCKER "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope"

static void test_names(void) {
        /* In MiB as in the head of v2-machine.tree. */
        static const struct {
                const char *words[6];
                const char *names;
        } cases[] = {
                { { NULL },
                  "app.slice build-jobs.slice build.slice " DOCKER " editor.service getty@tty1.service "
                  "idle.service init.scope plain.service runner.service session-1.scope system-getty.slice "
                  "system.slice user-N.slice user.slice user@N.service web.service" },
                { { "--sort=name", "web", "idle" }, "idle.service web.service" },
                { { "-r", "web", "idle" }, "web.service idle.service" },
                { { "--reverse", "--sort", "name", "web", "idle" }, "web.service idle.service" },
                { { "*.scope" }, DOCKER " init.scope session-1.scope" },
                { { "web.service", "?dle*", "[e]*" }, "editor.service idle.service web.service" },
                { { "we" }, "" },
                { { "slice" }, "" },
                { { "payload" }, "" }, /* a group, but no unit */
                { { "4242.service" }, "" },
                { { "" }, "" },
                { { "-t", "scope" }, DOCKER " init.scope session-1.scope" },
                { { "-tscope", "i*" }, "init.scope" },
                { { "--type=scope,slice", "*s*.s*", "-r" },
                  "user.slice user-N.slice system.slice system-getty.slice session-1.scope "
                  "build-jobs.slice" },
                { { "-t", "scope", "-t", "service", "[is]*" }, "idle.service init.scope session-1.scope" },
                { { "-t", "timer" }, "" },
                { { "--user" }, "app.slice editor.service init.scope" },
                { { "--user", "-t", "service" }, "editor.service" },
                { { "--user", "web" }, "" },
                /* 1000, 900, 690, 500 */
                { { "-t", "slice", "--sort=usage", "[bs]*" },
                  "build.slice system.slice build-jobs.slice system-getty.slice" },
                { { "-t", "slice", "--sort=usage", "-r", "[bs]*" },
                  "system-getty.slice build-jobs.slice system.slice build.slice" },
                /* 960, 800, 680, 400 */
                { { "-t", "slice", "--sort=working-set", "[bsu]*" },
                  "build.slice system.slice build-jobs.slice user.slice user-N.slice system-getty.slice" },
                /* 4096 twice, by name; 1024, 600, 512, 256, 0 */
                { { "-t", "service", "--sort=limit" },
                  "getty@tty1.service plain.service user@N.service runner.service web.service "
                  "editor.service idle.service" },
                /* 3072 twice, 724, 128, 96, 20, 0 */
                { { "-t", "service", "--sort=available" },
                  "getty@tty1.service plain.service user@N.service web.service editor.service "
                  "runner.service idle.service" },
                /* 100, 62.5, 50, 46.6, 25.3, 1.1, 0.07 */
                { { "-t", "service", "--sort=percent" },
                  "idle.service editor.service web.service runner.service user@N.service plain.service "
                  "getty@tty1.service" },
                { { "-t", "service", "--sort=percent", "-r", "[!ui]*" },
                  "getty@tty1.service plain.service runner.service web.service editor.service" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *const *w = cases[i].words;
                g_autoptr(Run) run = run_mymem(
                        NULL, WORDS("list", "--no-legend", machine->option, w[0], w[1], w[2], w[3], w[4]));
                g_autofree char *names = names_of(run);

                run_check_well(run);
                g_test_message("%s", run->line);
                g_assert_cmpstr(names, ==, cases[i].names);
        }
}

/* Text and JSON say the same, in the same order. */
static void test_json(void) {
        g_autoptr(Run) text = run_mymem(
                NULL, WORDS("list", "-b", "--no-legend", "--sort=usage", machine->option, "[!u]*"));
        g_autoptr(Run) json =
                run_mymem(NULL, WORDS("list", "--json=short", "--sort=usage", machine->option, "[!u]*"));
        g_autoptr(Run) pretty =
                run_mymem(NULL, WORDS("list", "--json=pretty", "--sort=usage", machine->option, "[!u]*"));
        static const char *const members[] = { "Unit", "Usage", "WorkingSet", "Limit", "Available" };
        g_autoptr(Document) document = document_parse(json->out);
        g_autoptr(Document) same = document_parse(pretty->out);
        g_auto(GStrv) lines = g_strsplit(text->out, "\n", -1);
        guint n = g_strv_length(lines) - 1;

        run_check_well(json);
        g_assert_cmpuint(n, ==, 14);
        g_assert_cmpuint(g_hash_table_size(document->values), ==, 14 * 6);
        g_assert_cmpuint(g_hash_table_size(same->values), ==, 14 * 6);
        for (guint i = 0; i < n; i++) {
                g_auto(GStrv) cells = g_regex_split_simple(" +", lines[i], 0, 0);

                g_assert_cmpuint(g_strv_length(cells), ==, 6);
                for (size_t j = 0; j < G_N_ELEMENTS(members); j++) {
                        g_autofree char *path = g_strdup_printf("/%u/%s", i, members[j]);
                        g_autofree char *quoted =
                                j == 0 ? g_strdup_printf("\"%s\"", cells[0]) : g_strdup(cells[j]);

                        document_check(document, path, quoted);
                        document_check(same, path, quoted);
                }
        }
        document_check(document, "/0/Unit", "\"build.slice\"");
        document_check(document, "/0/ControlGroup", "\"/build.slice\"");
        document_check(document, "/0/Limit", "1073741824");
        document_check(document, "/0/Available", "67108864");
}

/* Nothing is listed, and this is no error; as JSON it is an empty array. */
static void test_nothing(void) {
        g_autoptr(Run) text = run_mymem(NULL, WORDS("list", machine->option, "nothing*"));
        g_autoptr(Run) json = run_mymem(NULL, WORDS("list", "--json=pretty", machine->option, "nothing*"));
        g_autoptr(Run) bare = run_mymem(NULL, WORDS("list", "--no-legend", machine->option, "nothing*"));

        run_check_well(text);
        run_check_out(text, "UNIT  USAGE  WORKING SET  LIMIT  AVAILABLE  WS/LIMIT\n\n0 units listed.\n");
        run_check_well(json);
        run_check_out(json, "[]\n");
        run_check_well(bare);
        run_check_out(bare, "");
}

/* On v1, where user units have no groups: the manager's own is there. */
static void test_v1(void) {
        g_autoptr(Captured) v1 = captured_unpack("v1-user-unit");
        g_autoptr(Run) run = run_mymem(NULL, WORDS("list", "--no-legend", v1->option));
        g_autofree char *names = names_of(run);

        run_check_well(run);
        g_assert_cmpstr(names, ==, "user-N.slice user.slice user@N.service");
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        g_test_add_func("/list/names", test_names);
        g_test_add_func("/list/json", test_json);
        g_test_add_func("/list/nothing", test_nothing);
        g_test_add_func("/list/v1", test_v1);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
