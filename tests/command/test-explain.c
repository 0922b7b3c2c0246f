/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "document.h"
#include "run.h"

/* The verb `explain` for programs; its screens are in test-screens.c. */

#define WEB "/system.slice/web.service"
#define RUNNER "/build.slice/build-jobs.slice/runner.service"

static Captured *machine = NULL;

/* The chain of a process in a group that its unit limits, all figures as in the head of v2-machine.tree. */
static void test_chain(void) {
        static const struct {
                const char *path, *value;
        } values[] = {
                { "/Id", "\"runner.service\"" },
                { "/ControlGroup", "\"" RUNNER "/payload\"" },
                { "/Limit", "209715200" },
                { "/LimitBy", "\"" RUNNER "/payload\"" },
                { "/Available", "20971520" },
                { "/AvailableBy", "\"/build.slice/build-jobs.slice\"" },
                { "/Explanation",
                  "\"runner.service can take 20.0M more: it lies in build-jobs.slice, where the working "
                  "set of all together is 680.0M, and its MemoryHigh= is 700.0M.\"" },
                { "/Change", "\"systemctl set-property build-jobs.slice MemoryHigh=1400M\"" },
                { "/Chain/0/ControlGroup", "\"" RUNNER "/payload\"" },
                { "/Chain/0/Unit", "\"runner.service\"" },
                { "/Chain/0/Max", "209715200" },
                { "/Chain/0/High", "null" },
                { "/Chain/0/Usage", "157286400" },
                { "/Chain/0/WorkingSet", "157286400" },
                { "/Chain/0/Available", "52428800" },
                { "/Chain/0/SwapUsage", "0" },
                { "/Chain/1/ControlGroup", "\"" RUNNER "\"" },
                { "/Chain/1/Max", "629145600" },
                { "/Chain/1/Usage", "314572800" },
                { "/Chain/1/WorkingSet", "293601280" },
                { "/Chain/1/Available", "335544320" },
                { "/Chain/2/ControlGroup", "\"/build.slice/build-jobs.slice\"" },
                { "/Chain/2/Unit", "\"build-jobs.slice\"" },
                { "/Chain/2/Max", "838860800" },
                { "/Chain/2/High", "734003200" },
                { "/Chain/2/WorkingSet", "713031680" },
                { "/Chain/2/Available", "20971520" },
                { "/Chain/3/ControlGroup", "\"/build.slice\"" },
                { "/Chain/3/Available", "67108864" },
                { "/Chain/4/ControlGroup", "\"/\"" },
                { "/Chain/4/Max", "null" },
                { "/Chain/4/Usage", "1073741824" },
                { "/Chain/4/Available", "3221225472" },
                { "/Chain/5/ControlGroup", NULL },
        };
        g_autoptr(Run) run = run_mymem(NULL, WORDS("explain", "--json=short", machine->option, "4243"));
        g_autoptr(Document) document = document_parse(run->out);

        run_check_well(run);
        for (size_t i = 0; i < G_N_ELEMENTS(values); i++)
                document_check(document, values[i].path, values[i].value);
}

/* The working set of what has no limit was not looked at. */
static void test_unknown(void) {
        g_autoptr(Run) run =
                run_mymem(NULL, WORDS("explain", "--json=pretty", machine->option, "web", "99"));
        g_autoptr(Document) document = document_parse(run->out);

        run_check_exit(run, 3);
        document_check(document, "/0/Chain/1/ControlGroup", "\"/system.slice\"");
        document_check(document, "/0/Chain/1/Usage", "943718400");
        document_check(document, "/0/Chain/1/WorkingSet", NULL);
        document_check(document, "/0/Chain/1/Available", NULL);
        document_check(document, "/1/Id", NULL);
}

/* What the last line proposes. */
static void test_change(void) {
        static const struct {
                const char *option, *target, *change;
        } cases[] = {
                { "-b", "web", "systemctl set-property web.service MemoryHigh=768M" },
                { "-b", "plain", NULL }, /* nothing binds but the machine */
                { "-b", "idle", "systemctl set-property idle.service MemoryMax=1G" },
                { "-b", "/build.slice", "systemctl set-property build.slice MemoryMax=2G" },
                { "-b", "4242", "prlimit --data=BYTES --pid PID" },
                /* A user's own units are for the user to change, those above are not. */
                { "--user", "editor", "systemctl --user set-property editor.service MemoryMax=512M" },
                { "--user", "init.scope", "systemctl set-property user-N.slice MemoryMax=2G" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Run) run =
                        run_mymem(NULL, WORDS("explain", machine->option, cases[i].option, cases[i].target));
                g_auto(GStrv) parts = g_strsplit(cases[i].change ? cases[i].change : "", "N.slice", 2);
                g_autofree char *own = g_strdup_printf("%u.slice", (unsigned) getuid());
                g_autofree char *change = g_strjoinv(own, parts);
                g_autofree char *line = g_strdup_printf("\nTo change that: %s\n", change);

                run_check_well(run);
                g_test_message("%s", run->out);
                if (cases[i].change)
                        g_assert_true(g_str_has_suffix(run->out, line));
                else
                        g_assert_null(strstr(run->out, "To change that"));
        }
}

static void test_no_legend(void) {
        g_autoptr(Run) run = run_mymem(NULL, WORDS("explain", "--no-legend", machine->option, "web"));

        run_check_well(run);
        g_assert_true(g_str_has_prefix(run->out, "web.service "));
        g_assert_null(strstr(run->out, "WORKING SET"));
}

/* The command is one to copy into a shell. */
static void test_quoted(void) {
        static const char group[] = "sys/fs/cgroup/system.slice/system-systemd\\x2dfsck.slice/"
                                    "systemd-fsck@dev-disk-by\\x2duuid-3a1b.service/memory.max",
                          wanted[] = "systemctl set-property "
                                     "'systemd-fsck@dev-disk-by\\x2duuid-3a1b.service' MemoryMax=256M\n";
        g_autoptr(Captured) names = captured_unpack("unit-names");

        captured_write(names, group, "134217728\n");
        g_autoptr(Run) run = run_mymem(
                NULL, WORDS("explain", names->option, "systemd-fsck@dev-disk-by\\x2duuid-3a1b.service"));

        run_check_well(run);
        g_assert_nonnull(strstr(run->out, wanted));
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        g_test_add_func("/explain/chain", test_chain);
        g_test_add_func("/explain/quoted", test_quoted);
        g_test_add_func("/explain/unknown", test_unknown);
        g_test_add_func("/explain/change", test_change);
        g_test_add_func("/explain/no-legend", test_no_legend);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
