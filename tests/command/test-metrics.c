/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "run.h"

/* The verb `metrics`: which units, which samples of them, and where they go. The text as such is stored
 * among the screens, and read by those whom it is for in tests/peers. */

static Captured *machine = NULL;

/* The values of the label 'unit' in the samples of the metric, joined by blanks; the user's own number is N.
 */
static char *units_with(const char *text, const char *metric) {
        g_autofree char *pattern = g_strdup_printf("^%s\\{unit=\"([^\"]*)\"", metric);
        g_autofree char *number = g_strdup_printf("(?<=user[-@])%u(?=\\.)", (unsigned) getuid());
        g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
        g_autoptr(GRegex) own = g_regex_new(number, 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        g_autoptr(GString) names = g_string_new(NULL);

        for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match);
             g_match_info_next(match, NULL)) {
                g_autofree char *name = g_match_info_fetch(match, 1);

                g_string_append_printf(names, "%s%s", names->len > 0 ? " " : "", name);
        }
        return g_regex_replace_literal(own, names->str, -1, 0, "N", 0, NULL);
}

#define DOCKER "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope"

/* Those of the system manager alone, unless others are named: what a user calls their units means nothing to
 * who watches the machine. */
static void test_units(void) {
        static const struct {
                const char *words[5];
                const char *names;
        } cases[] = {
                { { NULL },
                  "build.slice build-jobs.slice runner.service system.slice " DOCKER
                  " idle.service plain.service system-getty.slice getty@tty1.service web.service user.slice "
                  "user-N.slice session-1.scope user@N.service" },
                { { "*" },
                  "build.slice build-jobs.slice runner.service system.slice " DOCKER
                  " idle.service plain.service system-getty.slice getty@tty1.service web.service user.slice "
                  "user-N.slice session-1.scope user@N.service" },
                { { "web" }, "web.service" },
                { { "web", "idle.service" }, "idle.service web.service" },
                { { "*.scope" }, DOCKER " session-1.scope" },
                { { "--user" }, "app.slice editor.service init.scope" },
                { { "--user", "editor" }, "editor.service" },
                { { "--user", "*.s*" }, "app.slice editor.service init.scope" },
                { { "/build.slice/build-jobs.slice/runner.service/payload" }, "runner.service" },
                /* What was named twice stands there once. */
                { { "web", "web.service", "w*", "/system.slice/web.service" }, "web.service" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *const *w = cases[i].words;
                g_autoptr(Run) run =
                        run_mymem(NULL, WORDS("metrics", machine->option, w[0], w[1], w[2], w[3]));
                g_autofree char *names = units_with(run->out, "mymem_memory_usage_bytes");

                run_check_well(run);
                g_test_message("%s", run->line);
                g_assert_cmpstr(names, ==, cases[i].names);
        }
}

/* The text as it is stored; its figures are those of the table in v2-machine.tree. */
static void test_stored(void) {
        static const char *const formats[] = { "prometheus", "openmetrics" };

        for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
                g_autofree char *path =
                        g_strdup_printf("%s/metrics-%s.txt", g_getenv("MYMEM_SCREENS"), formats[i]);
                g_autofree char *option = g_strconcat("--format=", formats[i], NULL), *wanted = NULL;
                g_autoptr(Run) run =
                        run_mymem(NULL, WORDS("metrics", machine->option, option, "web", "plain", "runner"));

                g_assert_true(g_file_get_contents(path, &wanted, NULL, NULL));
                run_check_well(run);
                run_check_out(run, wanted);
        }
}

/* Where there is no limit, or the kernel does not say, there is no sample; 0 is one. */
static void test_left_out(void) {
        static const struct {
                const char *metric, *names;
        } cases[] = {
                { "mymem_memory_limit_bytes", "idle.service plain.service web.service" },
                { "mymem_memory_max_bytes", "idle.service web.service" },
                { "mymem_memory_high_bytes", "web.service" },
                { "mymem_memory_available_bytes", "idle.service plain.service web.service" },
                { "mymem_memory_peak_bytes", "idle.service web.service" },
                { "mymem_memory_swap_bytes", "idle.service web.service" },
                { "mymem_memory_pressure_waiting_seconds_total", "idle.service web.service" },
                { "mymem_memory_pressure_stalled_seconds_total", "idle.service web.service" },
                { "mymem_memory_oom_kills_total", "idle.service web.service" },
        };
        g_autoptr(Run) run = run_mymem(NULL, WORDS("metrics", machine->option, "web", "idle", "plain"));
        g_autoptr(Run) plain = run_mymem(NULL, WORDS("metrics", machine->option, "plain"));

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *names = units_with(run->out, cases[i].metric);

                g_test_message("%s", cases[i].metric);
                g_assert_cmpstr(names, ==, cases[i].names);
        }
        g_assert_nonnull(strstr(run->out,
                                "max_bytes{unit=\"idle.service\",slice=\"system.slice\","
                                "control_group=\"/system.slice/idle.service\"} 0\n"));
        /* Of a metric that nobody has there is no head either. */
        g_assert_null(strstr(plain->out, "peak"));
        g_assert_null(strstr(run->out, "18446744073709551615"));
}

/* All at once, which walks, and one after the other, which looks at each: the same on every kernel. Of the
 * captures with v1 only the memory hierarchy is there, which has no names. */
static void test_same(void) {
        static const struct {
                const char *machine, *words[8];
        } cases[] = {
                { "v2-machine", { "*" } },
                { "v2-linux-5.10", { "*" } },
                { "v2-swap-limits", { "*" } },
                { "v2-user-slice-high", { "*" } },
                { "v1-captured-6.18", { "/demo.slice/demo.service", "/demo.slice" } },
                { "v1-swap-limits",
                  { "/system.slice",
                    "/system.slice/a.service",
                    "/system.slice/b.service",
                    "/system.slice/c.service",
                    "/system.slice/d.service",
                    "/web.slice",
                    "/web.slice/e.service" } },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *const *w = cases[i].words;
                g_autoptr(Captured) other = captured_unpack(cases[i].machine);
                g_autoptr(Run) walked = run_mymem(NULL, WORDS("metrics", other->option));
                g_autoptr(Run) named = run_mymem(
                        NULL, WORDS("metrics", other->option, w[0], w[1], w[2], w[3], w[4], w[5], w[6]));

                run_check_well(walked);
                run_check_well(named);
                g_test_message("%s", cases[i].machine);
                g_assert_cmpuint(strlen(walked->out), >, 1000);
                g_assert_cmpstr(walked->out, ==, named->out);
        }
}

/* Any byte may stand in the name of a group; what is read must be told apart again. */
static void test_escaped(void) {
        static const char group[] = "/odd\\xff\"q\\uote\n.d";
        g_autofree char *directory = g_strconcat(machine->directory, "/sys/fs/cgroup", group, NULL);
        g_autofree char *from =
                g_build_filename(machine->directory, "sys/fs/cgroup/system.slice/idle.service", NULL);
        g_autofree char *from_variable = g_strconcat("FROM=", from, NULL);
        g_autofree char *to_variable = g_strconcat("TO=", directory, NULL);
        g_autoptr(Run) copy = run_bash(WORDS(from_variable, to_variable), "cp -r \"$FROM\" \"$TO\"");
        g_autoptr(Run) run = run_mymem(NULL, WORDS("metrics", machine->option, group));
        g_autoptr(Run) removed = run_bash(WORDS(to_variable), "rm -r \"$TO\"");

        run_check_well(copy);
        run_check_well(run);
        run_check_well(removed);
        g_test_message("%s", run->out);
        g_assert_nonnull(strstr(run->out,
                                "mymem_memory_usage_bytes{unit=\"\",slice=\"\","
                                "control_group=\"/odd\\\\xff\\\"q\\\\uote\\\\x0a.d\"} 0\n"));
}

static void test_output(void) {
        g_autofree char *file = g_build_filename(machine->directory, "mymem.prom", NULL);
        g_autofree char *option = g_strconcat("--output=", file, NULL);
        g_autoptr(Run) printed = run_mymem(NULL, WORDS("metrics", machine->option));
        g_autofree char *text = NULL;

        for (size_t i = 0; i < 2; i++) {
                g_autoptr(Run) run = run_mymem(NULL, WORDS("metrics", machine->option, option));

                run_check_well(run);
                run_check_out(run, "");
                g_clear_pointer(&text, g_free);
                g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
                g_assert_cmpstr(text, ==, printed->out);
                g_assert_true(g_file_set_contents(file, "old\n", -1, NULL));
        }

        /* What cannot be read replaces nothing; what is known of others is written. */
        g_autoptr(Run) none = run_mymem(NULL, WORDS("metrics", "--sysroot=/nonexistent", option));

        run_check_complaint(none, 1, "/nonexistent");
        g_clear_pointer(&text, g_free);
        g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, "old\n");

        g_autoptr(Run) unknown = run_mymem(NULL, WORDS("metrics", machine->option, option, "none"));

        run_check_complaint(unknown, 4, "none.service");
        g_clear_pointer(&text, g_free);
        g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, "old\n");

        g_autoptr(Run) some = run_mymem(NULL, WORDS("metrics", machine->option, option, "none", "web"));

        run_check_complaint(some, 4, "none.service");
        g_clear_pointer(&text, g_free);
        g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
        g_assert_nonnull(strstr(text, "{unit=\"web.service\""));
        g_assert_cmpint(unlink(file), ==, 0);
}

static void test_output_errors(void) {
        static const struct {
                const char *option, *word;
        } cases[] = {
                { "--output=/nonexistent/mymem.prom", "'/nonexistent/mymem.prom': No such file" },
                { "--output=/dev/null", "no regular file" },
                { "--output=/dev/stdout", "no regular file" },
                { "--output=/", "no regular file" },
                { "--output=", "''" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Run) run = run_mymem(NULL, WORDS("metrics", machine->option, cases[i].option));

                run_check_complaint(run, 1, cases[i].word);
        }
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        g_test_add_func("/metrics/units", test_units);
        g_test_add_func("/metrics/stored", test_stored);
        g_test_add_func("/metrics/left-out", test_left_out);
        g_test_add_func("/metrics/same", test_same);
        g_test_add_func("/metrics/escaped", test_escaped);
        g_test_add_func("/metrics/output", test_output);
        g_test_add_func("/metrics/output-errors", test_output_errors);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
