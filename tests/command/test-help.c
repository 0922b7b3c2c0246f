/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "run.h"

/* --help and --version: short enough for any terminal, and naming all that there is. */

static const char *const verbs[] = { "status",  "show", "explain", "list",    "top",
                                     "meminfo", "fit",  "wait",    "metrics", "run" };

static const char *const options[] = {
        "--property=",
        "--json=",
        "--bytes",
        "--no-legend",
        "--verbose",
        "--direct",
        "--user",
        "--sysroot=",
        "--host=",
        "--machine=",
        "--iterations=",
        "--delay=",
        "--sort=",
        "--reverse",
        "--type=",
        "--reserve=",
        "--max=",
        "--available-below=",
        "--usage-above=",
        "--working-set-above=",
        "--limit-change",
        "--timeout=",
        "--format=",
        "--output=",
        "--help",
        "--version",
        "-P",
        "-r",
        "-t",
        "-b",
        "-v",
        "-H",
        "-M",
        "-n",
        "-d",
        "-h",
};

/* What --help prints fits a terminal. */
static void check_fits(const char *text) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        guint n = g_strv_length(lines) - 1;

        g_assert_cmpuint(n, <=, 24);
        g_assert_cmpstr(lines[n], ==, "");
        for (guint i = 0; i < n; i++) {
                g_test_message("%s", lines[i]);
                g_assert_true(g_str_is_ascii(lines[i]));
                g_assert_cmpuint(strlen(lines[i]), <=, 80);
                g_assert_false(g_str_has_suffix(lines[i], " "));
        }
}

static void test_help(void) {
        g_autoptr(Run) run = run_mymem(NULL, WORDS("--help"));
        g_autoptr(Run) other = run_mymem(NULL, WORDS("list", "-h", "x"));
        g_autoptr(Run) command = run_mymem(NULL, WORDS("run", "--help"));

        run_check_well(run);
        run_check_out(other, run->out);
        run_check_well(command);
        check_fits(run->out);
        check_fits(command->out);
        for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
                g_autofree char *word = g_strdup_printf("  %s ", verbs[i]);

                g_test_message("%s", verbs[i]);
                g_assert_nonnull(strstr(run->out, word));
        }
        for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
                g_test_message("%s", options[i]);
                g_assert_nonnull(strstr(run->out, options[i]));
        }
}

/* Everything --help names exists, and nothing exists that it does not name. */
static void test_names(void) {
        g_autoptr(Run) help = run_mymem(NULL, WORDS("--help"));
        g_autoptr(GRegex) regex = g_regex_new("--[a-z][a-z-]+=?", 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        guint n = 0, n_long = 0;

        for (g_regex_match(regex, help->out, 0, &match); g_match_info_matches(match);
             g_match_info_next(match, NULL)) {
                g_autofree char *option = g_match_info_fetch(match, 0);

                g_test_message("%s", option);
                n++;
                /* One without its argument is complained of in other words than one that is not known. */
                if (g_str_has_suffix(option, "="))
                        option[strlen(option) - 1] = '\0';
                g_autoptr(Run) run = run_mymem(NULL, WORDS("show", "-PLimit", "--direct", option));
                g_assert_null(strstr(run->err, "Unknown option"));
        }
        for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
                n_long += g_str_has_prefix(options[i], "--");
        g_assert_cmpuint(n, >=, n_long);
}

static void test_version(void) {
        g_autoptr(Run) run = run_mymem(NULL, WORDS("--version"));

        run_check_well(run);
        g_assert_true(g_str_has_prefix(run->out, "mymem "));
        g_assert_true(g_ascii_isdigit(run->out[strlen("mymem ")]));
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        g_test_add_func("/help/help", test_help);
        g_test_add_func("/help/names", test_names);
        g_test_add_func("/help/version", test_version);
        return g_test_run();
}
