/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "directory.h"
#include "group.h"
#include "pseudo-terminal.h"
#include "run.h"

/* The verb `run` at its end, on less usual machines and after less usual commands. */

static Directory scratch;

static char *path_of(const char *name) {
        return g_build_filename(scratch.path, name, NULL);
}

static void check_contents(const char *path, const char *wanted) {
        g_autofree char *text = NULL;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, wanted);
}

/* Has the kernel say that it has no close_range(2), as before Linux 5.9; also to all that is started then.
 */
static void forbid_close_range(void) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { G_N_ELEMENTS(filter), filter };

        g_assert_cmpint(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
        g_assert_cmpint(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}

static void test_old_kernel(void) {
        if (g_test_subprocess()) {
                forbid_close_range();
                g_autoptr(Run) run = run_mymem(NULL, WORDS("run", "sh", "-c", "exit 3"));
                run_check_exit(run, 3);
                return;
        }
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_test_trap_assert_passed();
}

/* What an earlier run has written is lost only to one that runs something; of that nothing is left. */
static void test_kept(void) {
        g_autofree char *report = path_of("report"), *csv = path_of("csv"), *old = g_strnfill(65536, '~');
        g_autofree char *text = NULL;

        g_assert_true(g_file_set_contents(report, old, -1, NULL));
        g_assert_true(g_file_set_contents(csv, old, -1, NULL));
        g_autoptr(Run) missing =
                run_mymem(NULL, WORDS("run", "-o", report, "--csv", csv, "mymem-no-such-command"));
        g_autoptr(Run) refused =
                run_mymem(NULL, WORDS("run", "-o", report, "--csv", csv, "-p", "CPUWeight=5", "true"));

        run_check_complaint(missing, 127, "mymem-no-such-command");
        run_check_complaint(refused, 125, "no scope");
        check_contents(report, old);
        check_contents(csv, old);

        g_autoptr(Run) run = run_mymem(NULL, WORDS("run", "-o", report, "--csv", csv, "true"));

        run_check_well(run);
        g_assert_true(g_file_get_contents(report, &text, NULL, NULL));
        g_assert_nonnull(strstr(text, "Command: true\n"));
        g_assert_null(strchr(text, '~'));
        g_clear_pointer(&text, g_free);
        g_assert_true(g_file_get_contents(csv, &text, NULL, NULL));
        g_assert_true(g_str_has_prefix(text, "seconds,usage,"));
        g_assert_null(strchr(text, '~'));
}

/* The options may stand in any order: what is in a file is for programs. */
static void test_order(void) {
        g_autofree char *report = path_of("order");

        for (int i = 0; i < 2; i++) {
                g_autofree char *text = NULL;
                g_autoptr(PseudoTerminal) terminal = i == 0 ?
                        pseudo_terminal_start(80, NULL, WORDS("run", "--json", "-o", report, "true")) :
                        pseudo_terminal_start(80, NULL, WORDS("run", "-o", report, "--json", "true"));

                g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
                g_assert_true(g_file_get_contents(report, &text, NULL, NULL));
                g_assert_true(strchr(text, '\n') == text + strlen(text) - 1);
        }
}

/* What is killed with much memory is in the group until that is given back, and can go nowhere else. */
static void test_dying(void) {
        static const char leaving[] = "import os, signal, sys\n"
                                      "r, w = os.pipe()\n"
                                      "child = os.fork()\n"
                                      "if child == 0:\n"
                                      "    memory = bytearray(b'x' * (256 << 20))\n"
                                      "    os.write(w, b'x')\n"
                                      "    signal.pause()\n"
                                      "os.read(r, 1)\n"
                                      "os.kill(child, signal.SIGKILL)\n"
                                      "os._exit(4)\n";

        if (group_skip())
                return;
        g_autoptr(Run) run = run_mymem(NULL, WORDS("run", "--", g_getenv("MYMEM_PYTHON"), "-c", leaving));

        run_check_exit(run, 4);
        g_test_message("%s", run->err);
        g_assert_null(strstr(run->err, "stays"));
}

/* Nothing of a report is cut or broken where a line ends, but what can be; and where there were but two
 * samples there is no graph of them. */
static void test_narrow(void) {
        g_autoptr(PseudoTerminal) terminal = pseudo_terminal_start(
                40, NULL, WORDS("run", "--unit=n", "-p", "MemoryMax=8G", "--interval=1ms", "sleep", "0.1"));
        g_auto(GStrv) lines = NULL;

        if (group_skip())
                return;
        g_assert_cmpint(pseudo_terminal_wait(terminal), ==, 0);
        g_assert_nonnull(strstr(terminal->text->str, ",\n                 largest of "));
        lines = g_strsplit(terminal->text->str, "\n", -1);
        for (char **line = lines; *line; line++)
                g_assert_cmpint(g_utf8_strlen(*line, -1), <=, 40);

        g_autoptr(Run) few = run_mymem(NULL, WORDS("run", "--interval=60s", "sleep", "0.01"));

        run_check_exit(few, 0);
        g_assert_nonnull(strstr(few->err, "largest of 2 samples\n"));
        g_assert_null(strstr(few->err, "0B "));
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        directory_make(&scratch);
        g_test_add_func("/run-ends/old-kernel", test_old_kernel);
        g_test_add_func("/run-ends/kept", test_kept);
        g_test_add_func("/run-ends/order", test_order);
        g_test_add_func("/run-ends/dying", test_dying);
        g_test_add_func("/run-ends/narrow", test_narrow);
        exit_code = g_test_run();
        directory_remove(&scratch);
        return exit_code;
}
