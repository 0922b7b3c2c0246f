/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>

#include "captured.h"
#include "run.h"

/* Where the output goes to and cannot: a success is one that was written. */

static const char *const commands[] = {
        "status $ROOT web",
        "show $ROOT web",
        "show $ROOT --json=pretty web",
        "explain $ROOT web",
        "explain $ROOT --json=short web",
        "list $ROOT",
        "list $ROOT --json=short",
        "meminfo $ROOT web",
        "fit 1M $ROOT web",
        "metrics $ROOT",
        "metrics $ROOT --format=openmetrics web",
        "--help",
        "--version",
};

static Captured *machine = NULL;

static Run *run_script(const char *command, const char *format_before, const char *format_after) {
        g_autofree char *root = g_strconcat("ROOT=", machine->option, NULL);
        g_autofree char *script = g_strdup_printf("%s\"$M\" %s%s", format_before, command, format_after);

        return run_bash(WORDS(root), script);
}

static void test_full(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
                g_autoptr(Run) run = run_script(commands[i], "", " > /dev/full");

                run_check_complaint(run, 1, "No space left on device");
        }
}

static void test_closed(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
                g_autoptr(Run) run = run_script(commands[i], "", " >&-");

                run_check_complaint(run, 1, "Cannot write");
        }
}

/* stderr may be closed, too: the exit code is all there is then. */
static void test_both_closed(void) {
        g_autoptr(Run) run = run_script("show $ROOT none", "", " >&- 2>&-");
        g_autoptr(Run) full = run_script("show $ROOT web", "", " > /dev/full 2> /dev/full");

        run_check_exit(run, 4);
        run_check_exit(full, 1);
}

/* A pipe that nobody reads any more: SIGPIPE ends it as any other program, and where that is ignored, it is
 * an error. Bash waits for the reader to have gone. */
static void test_pipe(void) {
        static const char unread[] = "coproc { exec true; }; exec {out}>&${COPROC[1]}; wait $COPROC_PID; ";
        g_autofree char *ignored = g_strconcat("trap '' PIPE; ", unread, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
                g_autoptr(Run) run = run_script(commands[i], unread, " >&$out");
                g_autoptr(Run) error = run_script(commands[i], ignored, " >&$out");

                run_check_exit(run, 128 + SIGPIPE);
                run_check_complaint(error, 1, "Broken pipe");
        }
}

/* The same while it repeats: nobody is there to see the next screen. */
static void test_repeated(void) {
        g_autoptr(Run) run =
                run_script("status -d 0.01 $ROOT web", "", " | head -n 1; exit ${PIPESTATUS[0]}");
        g_autoptr(Run) ignored = run_script(
                "status -d 0.01 $ROOT web", "trap '' PIPE; ", " | head -n 1; exit ${PIPESTATUS[0]}");
        g_autoptr(Run) full = run_script("status -d 0.01 $ROOT web", "", " > /dev/full");

        run_check_exit(run, 128 + SIGPIPE);
        run_check_exit(ignored, 1);
        g_assert_nonnull(strstr(ignored->err, "Broken pipe"));
        run_check_complaint(full, 1, "No space left on device");
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        g_test_add_func("/output/full", test_full);
        g_test_add_func("/output/closed", test_closed);
        g_test_add_func("/output/both-closed", test_both_closed);
        g_test_add_func("/output/pipe", test_pipe);
        g_test_add_func("/output/repeated", test_repeated);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
