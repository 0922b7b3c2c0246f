/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "group.h"
#include "pseudo-terminal.h"
#include "run.h"

/* The verb `run` between a terminal, a shell and a command: who gets which signal, and how often. */

/* Counts what it gets, says when it does, and ends with how often that was. */
static const char counting[] = "import signal as s\n"
                               "wanted = [s.SIGTERM, s.SIGINT, s.SIGHUP, s.SIGUSR1, s.SIGUSR2]\n"
                               "s.pthread_sigmask(s.SIG_BLOCK, wanted)\n"
                               "print('ready', flush=True)\n"
                               "n = 0\n"
                               "while (got := s.sigwait(wanted)) != s.SIGUSR2:\n"
                               "    n += 1\n"
                               "    print('got', s.Signals(got).name, flush=True)\n"
                               "raise SystemExit(10 + n)\n";

/* It is the command that is ended, or does something else; and it is told once. */
static void test_forwarded(void) {
        static const struct {
                const char *name;
                int number;
        } cases[] = {
                { "SIGTERM", SIGTERM },
                { "SIGINT", SIGINT },
                { "SIGHUP", SIGHUP },
                { "SIGUSR1", SIGUSR1 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *got = g_strdup_printf("got %s\n", cases[i].name);
                g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                        80, NULL, WORDS("run", "--", g_getenv("MYMEM_PYTHON"), "-c", counting));

                g_assert_true(pseudo_terminal_saw(terminal, "ready\n", 1));
                g_assert_cmpint(kill(terminal->pid, cases[i].number), ==, 0);
                g_assert_true(pseudo_terminal_saw(terminal, got, 1));
                g_assert_cmpint(kill(terminal->pid, SIGUSR2), ==, 0);
                g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 11);
                g_assert_nonnull(strstr(terminal->text->str, "Result: exit status 11\n"));
        }
}

/* Says from whom it gets each: 128 is the kernel, 0 another process. */
static const char telling[] = "import signal as s\n"
                              "wanted = [s.SIGINT, s.SIGUSR2]\n"
                              "s.pthread_sigmask(s.SIG_BLOCK, wanted)\n"
                              "print('ready', flush=True)\n"
                              "while (got := s.sigwaitinfo(wanted)).si_signo == s.SIGINT:\n"
                              "    print('from', got.si_code, flush=True)\n";

/* What is typed the kernel gives to both: the command has it once, and we do not end of it. */
static void test_typed(void) {
        g_autoptr(PseudoTerminal) terminal =
                pseudo_terminal_start(80, NULL, WORDS("run", "--", g_getenv("MYMEM_PYTHON"), "-c", telling));
        g_autoptr(PseudoTerminal) ended =
                pseudo_terminal_start(80, NULL, WORDS("run", "sh", "-c", "echo ready; exec sleep 60"));

        g_assert_true(pseudo_terminal_saw(terminal, "ready\n", 1));
        pseudo_terminal_type(terminal, "\003");
        g_assert_true(pseudo_terminal_saw(terminal, "from 128\n", 1));
        g_assert_cmpint(kill(terminal->pid, SIGUSR2), ==, 0);
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
        g_assert_null(strstr(terminal->text->str, "from 0\n"));

        g_assert_true(pseudo_terminal_saw(ended, "ready\n", 1));
        pseudo_terminal_type(ended, "\003");
        g_assert_cmpint(pseudo_terminal_wait(ended), ==, 128 + SIGINT);
        g_assert_nonnull(strstr(ended->text->str, "Result: killed by SIGINT\n"));
}

/* The shell is told that we have stopped; the command is about to, and would read a line that came now. */
#define COMMAND_STOPPED                                                 \
        "for c in $(cat /proc/$(jobs -p)/task/*/children); do :; done;" \
        "until grep -q '^State:.T' /proc/$c/status; do sleep 0.05; done;"

/* Ctrl-Z stops both, the shell has the terminal, and fg has them go on. */
static void test_stopped(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start_bash(
                80,
                NULL,
                "\"$M\" run -- bash -c 'echo ready; read -r line; echo \"read $line\"; exit 6'; "
                "r=$?; " COMMAND_STOPPED "echo \"stopped $r\";"
                "read -r line; echo \"shell $line\"; fg >/dev/null; echo \"ended $?\"");

        g_assert_true(pseudo_terminal_saw(terminal, "ready\n", 1));
        pseudo_terminal_type(terminal, "\032");
        g_assert_true(pseudo_terminal_saw(terminal, "stopped 148\n", 1));
        pseudo_terminal_type(terminal, "one\n");
        g_assert_true(pseudo_terminal_saw(terminal, "shell one\n", 1));
        pseudo_terminal_type(terminal, "two\n");
        g_assert_true(pseudo_terminal_saw(terminal, "read two\n", 1));
        g_assert_true(pseudo_terminal_saw(terminal, "ended 6\n", 1));
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
}

/* A group that no shell looks after is not stopped, and so neither are we: somebody types on. */
static void test_orphaned(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                80, NULL, WORDS("run", "--", "bash", "-c", "echo ready; read -r line; echo \"read $line\""));

        g_assert_true(pseudo_terminal_saw(terminal, "ready\n", 1));
        pseudo_terminal_type(terminal, "\032");
        pseudo_terminal_type(terminal, "on\n");
        g_assert_true(pseudo_terminal_saw(terminal, "read on\n", 1));
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
}

/* In the background, what reads the terminal is stopped, as it is without us. */
static void test_background(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start_bash(
                80,
                NULL,
                "\"$M\" run -- bash -c 'read -r line; echo \"read $line\"' & "
                "until [[ $(jobs) == *Stopped* ]]; do sleep 0.05; done; echo stopped;"
                "fg >/dev/null; echo \"ended $?\"");

        g_assert_true(pseudo_terminal_saw(terminal, "stopped\n", 1));
        pseudo_terminal_type(terminal, "three\n");
        g_assert_true(pseudo_terminal_saw(terminal, "read three\n", 1));
        g_assert_true(pseudo_terminal_saw(terminal, "ended 0\n", 1));
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
}

/* The line is at the bottom, what the command prints scrolls above it, and at the end all is as it was. */
static void test_live_line(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                80, NULL, WORDS("run", "sh", "-c", "echo ready; read line; echo \"read $line\""));
        g_autoptr(PseudoTerminal) dumb = pseudo_terminal_start(
                80, WORDS("TERM=dumb"), WORDS("run", "sh", "-c", "echo ready; sleep 1.5"));
        const char *region;

        g_assert_true(pseudo_terminal_saw(terminal, "mymem: 1.", 1));
        pseudo_terminal_type(terminal, "\n");
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
        region = strstr(terminal->text->str, "\033[1;23r");
        g_assert_nonnull(region);
        g_assert_nonnull(strstr(region, "\033[24;1H\033[2Kmymem: "));
        g_assert_nonnull(strstr(region, " of "));
        region = strstr(region, "\033[r");
        g_assert_nonnull(region);
        g_assert_null(strstr(region, "mymem: "));
        g_assert_nonnull(strstr(region, "Command: sh -c"));

        g_assert_cmpint(pseudo_terminal_wait(dumb), ==, 0);
        g_assert_null(strchr(dumb->text->str, '\033'));
}

/* An editor has all of the terminal: there is no line while it reads keys. */
static void test_raw(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                80, NULL, WORDS("run", "sh", "-c", "stty -icanon; sleep 1.7; stty icanon; echo done"));

        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
        g_assert_nonnull(strstr(terminal->text->str, "done\n"));
        g_assert_null(strstr(terminal->text->str, "mymem: "));
}

/* How many groups there are that were made for a run by that process. */
static guint count_groups_of(pid_t pid) {
        g_autofree char *path = group_memory_path(getpid()), *directory = group_memory_directory(path),
                        *prefix = g_strdup_printf("mymem-run-%d-", pid);
        g_autoptr(GDir) children = g_dir_open(directory, 0, NULL);
        const char *name;
        guint n = 0;

        g_assert_nonnull(children);
        while ((name = g_dir_read_name(children)))
                n += g_str_has_prefix(name, prefix);
        return n;
}

/* Who is killed leaves no holder behind, and the next one removes the group; not that of one that lives. */
static void test_killed(void) {
        g_autoptr(PseudoTerminal) living =
                pseudo_terminal_start(80, NULL, WORDS("run", "sh", "-c", "echo ready; read line"));
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                80, NULL, WORDS("run", "sh", "-c", "echo \"parent $PPID\"; trap '' HUP; exec sleep 2"));
        gint64 deadline = g_get_monotonic_time() + CHILD_PATIENCE_SEC * G_USEC_PER_SEC;
        g_autofree char *children = NULL, *text = NULL;
        g_auto(GStrv) pids = NULL;
        pid_t pid_of_run = terminal->pid;

        g_assert_true(pseudo_terminal_saw(living, "ready\n", 1));
        g_assert_true(pseudo_terminal_saw(terminal, "parent ", 1));
        children = g_strdup_printf("/proc/%d/task/%d/children", terminal->pid, terminal->pid);
        g_assert_true(g_file_get_contents(children, &text, NULL, NULL));
        pids = g_strsplit(g_strstrip(text), " ", -1);
        g_assert_cmpuint(g_strv_length(pids), ==, 2);
        g_assert_cmpint(kill(terminal->pid, SIGKILL), ==, 0);
        for (char **pid = pids; *pid; pid++)
                while (kill((pid_t) g_ascii_strtoll(*pid, NULL, 10), 0) == 0) {
                        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                        (void) poll(NULL, 0, 10);
                }
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 128 + SIGKILL);
        if (group_obstacle())
                return;

        g_assert_cmpuint(count_groups_of(pid_of_run), ==, 1);
        g_autoptr(Run) next = run_mymem(NULL, WORDS("run", "true"));

        run_check_exit(next, 0);
        g_assert_cmpuint(count_groups_of(pid_of_run), ==, 0);
        g_assert_cmpuint(count_groups_of(living->pid), ==, 1);
        pseudo_terminal_type(living, "\n");
        g_assert_cmpint(pseudo_terminal_wait(living), ==, 0);
        g_assert_cmpuint(count_groups_of(living->pid), ==, 0);
}

/* However many signals come that are not the command's end: it is sampled on, and its exit status is known.
 */
static void test_storm(void) {
        static const int numbers[] = { SIGWINCH, SIGCONT, SIGCHLD };
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(80,
                                                                   NULL,
                                                                   WORDS("run",
                                                                         "--interval=10ms",
                                                                         "--json=short",
                                                                         "sh",
                                                                         "-c",
                                                                         "echo ready; read line; exit 7"));
        gint64 now = g_get_monotonic_time(), end = now + G_USEC_PER_SEC;
        const char *samples;
        guint64 n_sent = 0;

        g_assert_true(pseudo_terminal_saw(terminal, "ready\n", 1));
        for (; now < end; now = g_get_monotonic_time(), n_sent++)
                for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
                        g_assert_cmpint(kill(terminal->pid, numbers[i]), ==, 0);
        pseudo_terminal_type(terminal, "\n");
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 7);
        g_test_message("%" G_GUINT64_FORMAT " signals of each: %s", n_sent, terminal->text->str);
        samples = strstr(terminal->text->str, "\"Samples\":");
        g_assert_nonnull(samples);
        /* Of a hundred; on a machine that is busy with something else there are fewer. */
        g_assert_cmpuint(g_ascii_strtoull(samples + strlen("\"Samples\":"), NULL, 10), >, 5);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        g_test_add_func("/run-signals/forwarded", test_forwarded);
        g_test_add_func("/run-signals/typed", test_typed);
        g_test_add_func("/run-signals/stopped", test_stopped);
        g_test_add_func("/run-signals/orphaned", test_orphaned);
        g_test_add_func("/run-signals/background", test_background);
        g_test_add_func("/run-signals/live-line", test_live_line);
        g_test_add_func("/run-signals/raw", test_raw);
        g_test_add_func("/run-signals/killed", test_killed);
        g_test_add_func("/run-signals/storm", test_storm);
        return g_test_run();
}
