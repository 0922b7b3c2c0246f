/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>

#include "captured.h"
#include "child.h"
#include "pseudo-terminal.h"
#include "run.h"

/* On a terminal: its width, its colours, screens that follow each other, Ctrl-C. */

#define CLEAR "\033[H\033[2J" /* the screen; what was scrolled off it stays */
#define DOCKER "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope"

static Captured *machine = NULL;

/* It is the terminal that says how wide it is, if $COLUMNS does not; the rest is as in a file. */
static void test_width(void) {
        static const struct {
                unsigned columns;
                const char *variable, *same;
        } cases[] = {
                { 80, NULL, "COLUMNS=80" },
                { 200, NULL, "COLUMNS=200" },
                { 200, "COLUMNS=100", "COLUMNS=100" },
                { 120, "COLUMNS=", "COLUMNS=120" },
                { 120, "COLUMNS=wide", "COLUMNS=120" },
                { 120, "COLUMNS=0", "COLUMNS=120" },
                { 0, NULL, "COLUMNS=80" },
        };
        static const char *const verbs[] = { "status", "explain", "list" };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(verbs); j++) {
                        g_autoptr(PseudoTerminal) terminal =
                                pseudo_terminal_start(cases[i].columns,
                                                      WORDS("NO_COLOR=1", cases[i].variable),
                                                      WORDS(verbs[j], machine->option, "docker*", "web"));
                        g_autoptr(Run) run = run_mymem(WORDS(cases[i].same),
                                                       WORDS(verbs[j], machine->option, "docker*", "web"));

                        g_test_message("%s, %u columns, %s", verbs[j], cases[i].columns, cases[i].variable);
                        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
                        g_assert_cmpstr(terminal->text->str, ==, run->out);
                }
}

/* A variable that says nothing is as none: nothing is cut then in a pipe. */
static void test_no_width(void) {
        static const char *const variables[] = { "COLUMNS=", "COLUMNS=abc", "COLUMNS=0", "COLUMNS=80x" };
        static const char *const verbs[] = { "status", "explain", "list" };

        for (size_t i = 0; i < G_N_ELEMENTS(variables); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(verbs); j++) {
                        g_autoptr(Run) run = run_mymem(WORDS(variables[i]),
                                                       WORDS(verbs[j], machine->option, "docker*", "web"));
                        g_autoptr(Run) plain =
                                run_mymem(NULL, WORDS(verbs[j], machine->option, "docker*", "web"));

                        run_check_well(run);
                        run_check_out(run, plain->out);
                }
}

/* Colours on a terminal that has them, unless somebody said no. */
static void test_colours(void) {
        static const struct {
                const char *variables[3];
                gboolean has_colours;
        } cases[] = {
                { { NULL }, TRUE },
                { { "NO_COLOR=1" }, FALSE },
                { { "NO_COLOR=" }, TRUE },
                { { "TERM=dumb" }, FALSE },
                { { "SYSTEMD_COLORS=0" }, FALSE },
                { { "SYSTEMD_COLORS=no" }, FALSE },
                { { "SYSTEMD_COLORS=16" }, TRUE },
                { { "SYSTEMD_COLORS=nonsense" }, TRUE },
                { { "NO_COLOR=1", "SYSTEMD_COLORS=1" }, TRUE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                        100, cases[i].variables, WORDS("status", machine->option, "web"));

                g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
                g_test_message("%s: %s", cases[i].variables[0], terminal->text->str);
                g_assert_true(cases[i].has_colours == (strchr(terminal->text->str, '\033') != NULL));
        }
}

/* --json alone is for people on a terminal, and for programs elsewhere. */
static void test_json(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                80, NULL, WORDS("show", "--json", machine->option, "-P", "Limit", "web"));

        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
        g_assert_cmpstr(terminal->text->str, ==, "{\n\t\"Limit\" : 536870912\n}\n");
}

/* One screen after the other, each on an empty terminal, and in a file with an empty line between. */
static void test_repeated(void) {
        g_autoptr(Run) once = run_mymem(WORDS("COLUMNS=100"), WORDS("status", machine->option, "web"));
        g_autoptr(Run) run =
                run_mymem(WORDS("COLUMNS=100"), WORDS("status", "-n2", "-d", "0.2", machine->option, "web"));
        g_autoptr(Run) default_delay =
                run_mymem(WORDS("COLUMNS=100"), WORDS("-n", "1", "status", machine->option, "web"));
        g_autofree char *twice = g_strconcat(once->out, "\n", once->out, NULL);
        g_autofree char *cleared = g_strconcat(CLEAR, once->out, CLEAR, once->out, NULL);
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                100, WORDS("NO_COLOR=1"), WORDS("status", "-n2", "-d200ms", machine->option, "web"));
        g_autoptr(PseudoTerminal) single = pseudo_terminal_start(
                100, WORDS("NO_COLOR=1"), WORDS("status", "-n1", machine->option, "web"));

        run_check_well(run);
        run_check_out(run, twice);
        run_check_out(default_delay, once->out);
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
        g_assert_cmpstr(terminal->text->str, ==, cleared);
        g_assert_cmpint(pseudo_terminal_wait(single), ==, 0);
        g_assert_cmpstr(single->text->str, ==, once->out);
}

/* It goes on until somebody ends it, and the figures of each screen are new. */
static void test_interrupted(void) {
        g_autoptr(PseudoTerminal) terminal =
                pseudo_terminal_start(100, NULL, WORDS("status", "-d", "0.01", machine->option, "idle"));
        g_autoptr(PseudoTerminal) waiting = pseudo_terminal_start(
                100, NULL, WORDS("wait", "--usage-above=1", "-v", machine->option, "idle"));

        g_assert_true(pseudo_terminal_saw(terminal, CLEAR, 3));
        captured_write(machine, "sys/fs/cgroup/system.slice/idle.service/memory.peak", "12288\n");
        g_assert_true(pseudo_terminal_saw(terminal, "12.0K", 1));
        captured_write(machine, "sys/fs/cgroup/system.slice/idle.service/memory.peak", "0\n");
        /* What Ctrl-C means to a terminal. */
        g_assert_cmpint(write(terminal->fd, "\003", 1), ==, 1);
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 128 + SIGINT);

        g_assert_cmpint(write(waiting->fd, "\003", 1), ==, 1);
        g_assert_cmpint(pseudo_terminal_wait(waiting), ==, 128 + SIGINT);
}

/* A unit that goes away meanwhile is told of on each screen, and its code is the last one's. */
static void test_vanished(void) {
        g_autoptr(Run) run =
                run_mymem(NULL, WORDS("status", "-n2", "-d1ms", machine->option, "web", "none"));

        run_check_exit(run, 4);
        g_auto(GStrv) parts = g_strsplit(run->err, "none.service", -1);
        g_assert_cmpuint(g_strv_length(parts), ==, 3);
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        g_test_add_func("/terminal/width", test_width);
        g_test_add_func("/terminal/no-width", test_no_width);
        g_test_add_func("/terminal/colours", test_colours);
        g_test_add_func("/terminal/json", test_json);
        g_test_add_func("/terminal/repeated", test_repeated);
        g_test_add_func("/terminal/interrupted", test_interrupted);
        g_test_add_func("/terminal/vanished", test_vanished);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
