/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "directory.h"
#include "document.h"
#include "figure.h"
#include "group.h"
#include "run.h"

/* The verb `run`, with commands that end in all the ways there are. There is no systemd here, so it makes a
 * control group of its own, or has to do without. */

/* Takes so much memory, and gives it back when it has read all of it. */
#define TAKE_64M "head -c 64M /dev/zero | tail -c 64M >/dev/null"

static Directory scratch;

static char *path_of(const char *name) {
        return g_build_filename(scratch.path, name, NULL);
}

/* What is written where the option says, read as JSON; NULL if it could not be. */
static Document *report_of(const char *name) {
        g_autofree char *path = path_of(name), *text = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL)) {
                g_test_message("there is no %s", path);
                g_test_fail();
                return NULL;
        }

        return document_parse(text);
}

static guint64 number_of(const Document *document, const char *path) {
        const char *text = document_get(document, path);

        if (!text) {
                g_test_message("there is no %s", path);
                g_test_fail();
                return 0;
        }
        return g_ascii_strtoull(text, NULL, 10);
}

static void check_within(const char *what, guint64 value, guint64 least, guint64 most) {
        if (value >= least && value <= most)
                return;

        g_test_message("%s is %" G_GUINT64_FORMAT ", not within %" G_GUINT64_FORMAT
                       " and %" G_GUINT64_FORMAT,
                       what,
                       value,
                       least,
                       most);
        g_test_fail();
}

/* The group is there no more. */
static void check_removed(const Document *document) {
        g_autofree char *quoted = g_strdup(document_get(document, "/ControlGroup")), *directory = NULL;

        g_assert_true(g_str_has_suffix(quoted, ".scope\""));
        quoted[strlen(quoted) - 1] = '\0';
        directory = group_memory_directory(quoted + 1);
        g_assert_cmpint(g_access(directory, F_OK), <, 0);
}

/* As a shell would say it. What is printed is the command's, whose words are left alone. */
static void test_exit(void) {
        static const struct {
                const char *arguments[8];
                int exit_code;
                const char *out;
        } cases[] = {
                { { "true" }, 0, "" },
                { { "sh", "-c", "exit 3" }, 3, "" },
                { { "sh", "-c", "exit 125" }, 125, "" },
                { { "--", "sh", "-c", "kill -TERM $$" }, 143, "" },
                { { "sh", "-c", "kill -KILL $$" }, 137, "" },
                { { "printf", "%s ", "-b", "--json", "--", "-p" }, 0, "-b --json -- -p " },
                { { "--", "printf", "%s ", "--", "run" }, 0, "-- run " },
                { { "-i", "10ms", "printf", "x" }, 0, "x" },
                { { "-i10ms", "-b", "--", "printf", "x" }, 0, "x" },
                { { "sh", "-c", "cat; exit 4" }, 4, "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
                g_auto(GStrv) words = NULL;

                g_strv_builder_add(builder, "run");
                g_strv_builder_addv(builder, (const char **) cases[i].arguments);
                words = g_strv_builder_end(builder);
                g_autoptr(Run) run = run_mymem(NULL, (const char *const *) words);
                run_check_exit(run, cases[i].exit_code);
                run_check_out(run, cases[i].out);
                g_assert_nonnull(strstr(run->err, "Command: "));
                g_assert_nonnull(strstr(run->err, "Duration: "));
        }
}

/* As env(1): nothing has been run, so nothing is reported. */
static void test_not_executed(void) {
        g_autoptr(Run) missing = run_mymem(NULL, WORDS("run", "mymem-no-such-command"));
        g_autoptr(Run) forbidden = run_mymem(NULL, WORDS("run", "--", "/etc/passwd"));
        g_autoptr(Run) output =
                run_mymem(NULL, WORDS("run", "-o", "/nonexistent/x", "touch", "/nonexistent/y"));

        run_check_complaint(missing, 127, "mymem-no-such-command: No such file");
        run_check_complaint(forbidden, 126, "/etc/passwd: Permission denied");
        run_check_complaint(output, 125, "/nonexistent/x: No such file");
}

/* Its stdin, and nothing of ours besides its own descriptors and signals. */
static void test_surroundings(void) {
        g_autoptr(Run) input = run_bash(NULL, "printf 'a\\nb\\n' | $M run wc -l");
        g_autoptr(Run) descriptors = run_bash(NULL,
                                              "$M run --csv=/dev/null -- bash -c 'echo /proc/$$/fd/*' |"
                                              "sed 's/[^ ]*fd.//g'");
        g_autoptr(Run) plain = run_bash(NULL, "bash -c 'echo /proc/$$/fd/*' | sed 's/[^ ]*fd.//g'");
        g_autoptr(Run) signals = run_bash(
                NULL, "diff <(grep Sig[BIC] /proc/self/status) <($M run grep Sig[BIC] /proc/self/status)");
        g_autoptr(Run) ignored = run_bash(NULL,
                                          "trap '' INT USR1; s=/proc/self/status; "
                                          "diff <(grep Sig[BIC] $s) <($M run grep Sig[BIC] $s)");
        g_autoptr(Run) closed = run_bash(NULL, "$M run -- sh -c 'exit 9' <&- >&- 2>&-");
        g_autoptr(Run) pipe = run_bash(NULL,
                                       "$M run -o /dev/null -- sh -c 'echo x; echo y; exit 9' | head -n 1;"
                                       "echo ${PIPESTATUS[0]}");

        run_check_out(input, "2\n");
        run_check_out(descriptors, plain->out);
        run_check_exit(signals, 0);
        run_check_out(signals, "");
        run_check_exit(ignored, 0);
        run_check_exit(closed, 9);
        g_assert_true(g_str_has_prefix(pipe->out, "x\n"));
}

/* What it takes is its group's, and the limit is the one that was given. */
static void test_figures(void) {
        g_autofree char *output = path_of("figures"), *csv = path_of("csv"), *table = NULL;
        g_auto(GStrv) lines = NULL;
        g_autoptr(Document) document = NULL;
        g_autoptr(Run) run = NULL;
        guint64 peak = 0;

        if (group_skip())
                return;
        run = run_mymem(NULL,
                        WORDS("run",
                              "--json",
                              "-o",
                              output,
                              "--csv",
                              csv,
                              "--interval=5ms",
                              "-p",
                              "MemoryMax=200M",
                              "--",
                              "bash",
                              "-c",
                              (TAKE_64M "; sleep 0.2")));
        run_check_well(run);
        run_check_out(run, "");
        document = report_of("figures");
        document_check(document, "/Place", "\"group\"");
        document_check(document, "/ExitCode", "0");
        document_check(document, "/Signal", NULL);
        document_check(document, "/Limit", "209715200");
        document_check(document, "/LimitBy", document_get(document, "/ControlGroup"));
        document_check(document, "/PeakSource", "\"kernel\"");
        document_check(document, "/EventsOOMKill", "0");
        document_check(document, "/Command/0", "\"bash\"");
        check_within("Peak", number_of(document, "/Peak"), 64 * MIB, 200 * MIB);
        check_within(
                "PeakWorkingSet", number_of(document, "/PeakWorkingSet"), MIB, number_of(document, "/Peak"));
        check_within("DurationUSec", number_of(document, "/DurationUSec"), 200000, 60000000);
        check_removed(document);

        /* The samples are in order, and are those that were counted. */
        g_assert_true(g_file_get_contents(csv, &table, NULL, NULL));
        lines = g_strsplit(table, "\n", -1);
        g_assert_cmpstr(lines[0], ==, "seconds,usage,working_set,limit,high_limit,oom_kills");
        g_assert_cmpuint(g_strv_length(lines), ==, number_of(document, "/Samples") + 2);
        for (guint i = 1; lines[i][0] != '\0'; i++) {
                g_auto(GStrv) fields = g_strsplit(lines[i], ",", -1);

                g_assert_cmpuint(g_strv_length(fields), ==, 6);
                g_assert_cmpstr(fields[4], ==, "");
                g_assert_cmpstr(fields[5], ==, "0");
                if (i > 1)
                        g_assert_cmpfloat(
                                g_ascii_strtod(fields[0], NULL), >, g_ascii_strtod(lines[i - 1], NULL));
                peak = MAX(peak, g_ascii_strtoull(fields[1], NULL, 10));
        }
        check_within("highest sample", peak, MIB, number_of(document, "/Peak"));
}

/* It is killed because of its limit, and that is said; the holder is not. */
static void test_oom(void) {
        g_autofree char *output = path_of("oom"), *variable = NULL;
        g_autoptr(Document) document = NULL;
        g_autoptr(Run) run = NULL, text = NULL;

        if (group_skip())
                return;
        variable = g_strconcat("OUTPUT=", output, NULL);
        run = run_bash(WORDS(variable),
                       "head -c 64M /dev/zero | $M run --json -o \"$OUTPUT\" -p MemoryMax=16M tail -c 64M");
        run_check_exit(run, 137);
        document = report_of("oom");
        document_check(document, "/ExitCode", "137");
        document_check(document, "/Signal", "9");
        document_check(document, "/EventsOOMKill", "1");
        document_check(document, "/Limit", "16777216");
        document_check(document, "/Peak", "16777216");
        document_check(document, "/PeakSource", "\"kernel\"");
        check_removed(document);

        text = run_bash(NULL, "head -c 64M /dev/zero | $M run -p MemoryMax=16M tail -c 64M");
        run_check_exit(text, 137);
        g_assert_nonnull(strstr(text->err, "Result: killed by SIGKILL, out of memory\n"));
        g_assert_nonnull(strstr(text->err, "Limit: 16.0M, set by mymem-run-"));
        g_assert_nonnull(strstr(text->err, "OOM kills: 1\n"));
}

/* Who stays behind lives on, where we are; the group does not. */
static void test_daemon(void) {
        g_autofree char *output = path_of("daemon"), *home = group_memory_path(getpid()), *group = NULL;
        g_autoptr(Document) document = NULL;
        g_autoptr(Run) run = NULL;
        pid_t pid;

        if (group_skip())
                return;
        run = run_mymem(NULL,
                        WORDS("run",
                              "--json",
                              "-o",
                              output,
                              "sh",
                              "-c",
                              "setsid sleep 60 >/dev/null 2>&1 & echo $!"));
        run_check_well(run);
        pid = (pid_t) g_ascii_strtoll(run->out, NULL, 10);
        g_assert_cmpint(pid, >, 1);
        document = report_of("daemon");
        check_removed(document);
        group = group_memory_path(pid);
        g_assert_cmpstr(group, ==, home);
        g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
}

/* Without any right there is neither a scope nor a group, and it says what it has instead. */
static void test_shared(void) {
        g_autofree char *output = path_of("shared"), *home = NULL, *wanted = NULL;
        g_autoptr(Document) document = NULL;
        g_autoptr(Run) run = NULL, refused = NULL;

        if (geteuid() != 0) {
                g_test_skip("only root can run it as somebody else");
                return;
        }
        if (group_skip())
                return;
        run = run_bash(NULL,
                       "setpriv --reuid=65534 --clear-groups --bounding-set=-all "
                       "$M run --json -- bash -c '" TAKE_64M "; exit 5'");
        run_check_exit(run, 5);
        g_assert_true(g_file_set_contents(output, run->err, -1, NULL));
        document = report_of("shared");
        home = group_memory_path(getpid());
        wanted = g_strdup_printf("\"%s\"", home);
        document_check(document, "/Place", "\"shared\"");
        document_check(document, "/PeakSource", "\"rss\"");
        document_check(document, "/ControlGroup", wanted);
        check_within("Peak", number_of(document, "/Peak"), 64 * MIB, 100 * MIB);

        refused = run_bash(NULL, "setpriv --reuid=65534 --clear-groups $M run -p MemoryMax=1G -- echo x");
        run_check_complaint(refused, 125, "There can be no scope");
}

/* A picture: of that size, and of that kind. What is on it is another test's. */
static void test_plot(void) {
        g_autofree char *png = path_of("a.png"), *svg = path_of("a.SVG"), *text = NULL;
        static const guint8 head[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
        gsize length;

        if (g_strcmp0(g_getenv("MYMEM_PLOT"), "no") == 0) {
                g_autoptr(Run) none = run_mymem(NULL, WORDS("run", "--plot", png, "true"));

                run_check_complaint(none, 2, "without cairo");
                return;
        }

        g_autoptr(Run) run = run_mymem(NULL, WORDS("run", "--plot", png, "true"));
        g_autoptr(Run) other = run_mymem(NULL, WORDS("run", "--plot", svg, "true"));

        run_check_exit(run, 0);
        run_check_exit(other, 0);
        g_assert_true(g_file_get_contents(png, &text, &length, NULL));
        g_assert_cmpuint(length, >, 24);
        g_assert_cmpint(memcmp(text, head, sizeof(head)), ==, 0);
        /* The width and the height, the most significant byte first. */
        g_assert_cmpint(memcmp(text + 16, "\0\0\x09\x60\0\0\x05\0", 8), ==, 0);
        g_clear_pointer(&text, g_free);
        g_assert_true(g_file_get_contents(svg, &text, NULL, NULL));
        g_assert_nonnull(strstr(text, "<svg"));
        g_assert_nonnull(strstr(text, "width=\"1200"));
        g_assert_true(g_str_has_suffix(text, "</svg>\n"));
}

/* A full disk is a failure, but the command's own comes first. */
static void test_full(void) {
        g_autoptr(Run) run = run_mymem(NULL, WORDS("run", "-o", "/dev/full", "true"));
        g_autoptr(Run) failed = run_mymem(NULL, WORDS("run", "-o", "/dev/full", "false"));

        run_check_complaint(run, 125, "/dev/full: No space left");
        run_check_complaint(failed, 1, "/dev/full: No space left");
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        directory_make(&scratch);
        g_test_add_func("/run/exit", test_exit);
        g_test_add_func("/run/not-executed", test_not_executed);
        g_test_add_func("/run/surroundings", test_surroundings);
        g_test_add_func("/run/figures", test_figures);
        g_test_add_func("/run/oom", test_oom);
        g_test_add_func("/run/daemon", test_daemon);
        g_test_add_func("/run/shared", test_shared);
        g_test_add_func("/run/plot", test_plot);
        g_test_add_func("/run/full", test_full);
        exit_code = g_test_run();
        directory_remove(&scratch);
        return exit_code;
}
