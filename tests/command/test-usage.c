/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "captured.h"
#include "run.h"

/* What is wrong on a command line: one line that names it, nothing on stdout, and the exit code of mymem(1).
 */

static void test_usage(void) {
        static const struct {
                const char *arguments[6];
                int exit_code;
                const char *word;
        } cases[] = {
                /* Words and options that there are not. */
                { { "frobnicate" }, 2, "'frobnicate'" },
                { { "" }, 2, "''" },
                { { "Status" }, 2, "'Status'" },
                { { "web.service" }, 2, "'web.service'" },
                { { "--frobnicate" }, 2, "--frobnicate" },
                { { "-Z" }, 2, "-Z" },
                { { "show", "ROOT", "-P", "Nothing", "web" }, 2, "'Nothing'" },
                { { "show", "ROOT", "-P", "limit", "web" }, 2, "'limit'" },
                { { "show", "ROOT", "-P", "Limit,", "web" }, 2, "''" },
                { { "show", "ROOT", "-P", "", "web" }, 2, "''" },
                { { "status", "ROOT", "-P", "Nothing", "web" }, 2, "'Nothing'" },
                { { "list", "ROOT", "--sort=size" }, 2, "'size'" },
                { { "list", "ROOT", "--sort=" }, 2, "''" },
                { { "list", "ROOT", "-t", "servise" }, 2, "'servise'" },
                { { "list", "ROOT", "--type=service," }, 2, "''" },
                { { "list", "ROOT", "4242" }, 2, "names and patterns of units, not '4242'" },
                { { "list", "ROOT", "web", "0" }, 2, "'0'" },
                { { "list", "ROOT", "/system.slice/web.service" }, 2, "'/system.slice/web.service'" },
                { { "list", "ROOT", "/*" }, 2, "'/*'" },
                { { "show", "ROOT", "--json=yes", "web" }, 2, "'yes'" },
                { { "show", "ROOT", "--json=", "web" }, 2, "''" },
                { { "metrics", "ROOT", "4242" }, 2, "units and control groups, not '4242'" },
                { { "metrics", "ROOT", "web", "0" }, 2, "'0'" },
                { { "metrics", "ROOT", "--format=json" }, 2, "'json'" },
                { { "metrics", "ROOT", "--format=" }, 2, "''" },
                /* What runs a command says the same. */
                { { "run", "--frobnicate", "true" }, 2, "--frobnicate" },
                { { "run", "-Z", "true" }, 2, "Z" },
                { { "-b", "run", "true" }, 2, "go behind 'run'" },
                { { "run", "--json=yes", "true" }, 2, "'yes'" },
                { { "run", "-p", "MemoryMax", "true" }, 2, "'MemoryMax'" },
                { { "run", "-p", "ExecStart=x", "true" }, 2, "'ExecStart'" },
                { { "run", "-p", "MemoryMax=much", "true" }, 2, "'much'" },
                { { "run", "--unit=a.service", "true" }, 2, "'a.service'" },
                { { "run", "--unit=../a", "true" }, 2, "'../a'" },
                { { "run", "--unit=", "true" }, 2, "''" },
                { { "run", "-i", "0", "true" }, 2, "'0'" },
                { { "run", "--interval=1us", "true" }, 2, "'1us'" },
                { { "run", "--plot=a.jpg", "true" }, 2, "'a.jpg'" },
                /* Arguments that are missing. */
                { { "run" }, 2, "mymem run -- make" },
                { { "run", "-b", "--" }, 2, "mymem run -- make" },
                { { "run", "-p" }, 2, "requires an argument" },
                { { "show", "-P" }, 2, "-P" },
                { { "list", "--sort" }, 2, "--sort" },
                { { "fit" }, 2, "mymem fit 64M" },
                { { "fit", "ROOT" }, 2, "mymem fit 64M" },
                { { "wait" }, 2, "mymem wait" },
                { { "wait", "ROOT", "web" }, 2, "mymem wait" },
                { { "wait", "ROOT", "--timeout=1", "web" }, 2, "mymem wait" },
                { { "show", "ROOT" }, 2, "--sysroot=" },
                { { "ROOT" }, 2, "--sysroot=" },
                { { "status", "ROOT" }, 2, "--sysroot=" },
                { { "explain", "ROOT" }, 2, "--sysroot=" },
                { { "meminfo", "ROOT" }, 2, "--sysroot=" },
                { { "fit", "1M", "ROOT" }, 2, "--sysroot=" },
                { { "wait", "--limit-change", "ROOT" }, 2, "--sysroot=" },
                { { "show", "-H", "nowhere" }, 2, "--host=" },
                { { "show", "-M", "nowhere" }, 2, "--machine=" },
                /* One target, not two; a pattern may match one. */
                { { "meminfo", "ROOT", "web", "plain" }, 2, "one target" },
                { { "meminfo", "ROOT", "*.service" }, 2, "one target" },
                { { "fit", "1M", "ROOT", "web", "plain" }, 2, "one target" },
                { { "wait", "--limit-change", "ROOT", "web", "plain" }, 2, "one target" },
                /* Sizes. */
                { { "fit", "ROOT", "0", "web" }, 2, "'0'" },
                { { "fit", "ROOT", "--", "-1", "web" }, 2, "'-1'" },
                { { "fit", "ROOT", "web" }, 2, "'web'" },
                { { "fit", "ROOT", "10Mx", "web" }, 2, "'10Mx'" },
                { { "fit", "ROOT", "1.5", "web" }, 2, "'1.5'" },
                { { "fit", "ROOT", "10%", "web" }, 2, "'10%'" },
                { { "fit", "ROOT", "16E", "web" }, 2, "'16E'" },
                { { "fit", "ROOT", "18446744073709551616", "web" }, 2, "'18446744073709551616'" },
                { { "wait", "ROOT", "--usage-above=", "web" }, 2, "--usage-above=" },
                { { "wait", "ROOT", "--usage-above=x", "web" }, 2, "'x'" },
                { { "wait", "ROOT", "--working-set-above=-1", "web" }, 2, "'-1'" },
                { { "wait", "ROOT", "--available-below=10%", "web" }, 2, "'10%'" },
                { { "wait", "ROOT", "--available-below=16E", "web" }, 2, "'16E'" },
                { { "wait", "ROOT", "--available-below=0", "web" }, 2, "--available-below=" },
                /* Percentages. */
                { { "fit", "ROOT", "--reserve=101%", "1M", "web" }, 2, "'101%'" },
                { { "fit", "ROOT", "--reserve=-1%", "1M", "web" }, 2, "'-1%'" },
                { { "fit", "ROOT", "--reserve=%", "1M", "web" }, 2, "'%'" },
                { { "fit", "ROOT", "--reserve=10%%", "1M", "web" }, 2, "'10%%'" },
                { { "fit", "ROOT", "--reserve=x", "1M", "web" }, 2, "'x'" },
                { { "fit", "ROOT", "--reserve=", "1M", "web" }, 2, "''" },
                /* Counts. */
                { { "fit", "ROOT", "--max=0", "1M", "web" }, 2, "--max=" },
                { { "fit", "ROOT", "--max=-1", "1M", "web" }, 2, "'-1'" },
                { { "fit", "ROOT", "--max=1x", "1M", "web" }, 2, "'1x'" },
                { { "fit", "ROOT", "--max=", "1M", "web" }, 2, "''" },
                { { "fit", "ROOT", "--max=18446744073709551616", "1M", "web" },
                  2,
                  "'18446744073709551616'" },
                { { "status", "ROOT", "-n", "0", "web" }, 2, "--iterations=" },
                { { "status", "ROOT", "-n", "-1", "web" }, 2, "'-1'" },
                { { "status", "ROOT", "-n", "x", "web" }, 2, "'x'" },
                { { "status", "ROOT", "-n", "4294967296", "web" }, 2, "'4294967296'" },
                /* Times. */
                { { "status", "ROOT", "-d", "0", "web" }, 2, "--delay=" },
                { { "status", "ROOT", "-d", "-1", "web" }, 2, "'-1'" },
                { { "status", "ROOT", "-d", "1fortnight", "web" }, 2, "'1fortnight'" },
                { { "status", "ROOT", "-d", "", "web" }, 2, "''" },
                { { "wait", "ROOT", "--limit-change", "--timeout=0", "web" }, 2, "--timeout=" },
                { { "wait", "ROOT", "--limit-change", "--timeout=1.", "web" }, 2, "'1.'" },
                { { "wait", "ROOT", "--limit-change", "--timeout=18446744073709551616", "web" },
                  2,
                  "--timeout=" },
                { { "wait", "ROOT", "--limit-change", "--timeout=300000000d", "web" }, 2, "--timeout=" },
                /* What does not go together. */
                { { "show", "-H", "a", "-M", "b", "web" }, 2, "--machine=" },
                { { "show", "-H", "a", "--direct", "web" }, 2, "--direct" },
                { { "show", "-M", "a", "--direct", "web" }, 2, "--direct" },
                { { "show", "-H", "a", "ROOT", "web" }, 2, "--sysroot=" },
                { { "show", "-M", "a", "--user", "web" }, 2, "--user" },
                /* Options that the command does not take, where they would have no effect. */
                { { "show", "ROOT", "--sort=name", "web" }, 2, "--sort= does not go with 'show'" },
                { { "status", "ROOT", "-r", "web" }, 2, "--reverse does not go with 'status'" },
                { { "-t", "slice" }, 2, "--type= does not go with 'status'" },
                { { "explain", "ROOT", "--type=slice", "web" }, 2, "--type= does not go with 'explain'" },
                { { "explain", "ROOT", "-P", "Limit", "web" }, 2, "--property= does not go with 'explain'" },
                { { "list", "ROOT", "-P", "Limit" }, 2, "--property= does not go with 'list'" },
                { { "show", "ROOT", "-n", "1", "web" }, 2, "--iterations= does not go with 'show'" },
                { { "list", "ROOT", "-d", "1" }, 2, "--delay= does not go with 'list'" },
                { { "show", "ROOT", "--no-legend", "web" }, 2, "--no-legend does not go with 'show'" },
                { { "status", "ROOT", "--no-legend", "web" }, 2, "--no-legend does not go with 'status'" },
                { { "meminfo", "ROOT", "--json=short", "web" }, 2, "--json= does not go with 'meminfo'" },
                { { "fit", "1M", "ROOT", "--json", "web" }, 2, "--json= does not go with 'fit'" },
                { { "wait", "ROOT", "--limit-change", "--json=off", "web" },
                  2,
                  "--json= does not go with 'wait'" },
                { { "show", "ROOT", "--reserve=1M", "web" }, 2, "--reserve= does not go with 'show'" },
                { { "list", "ROOT", "--max=1" }, 2, "--max= does not go with 'list'" },
                { { "status", "ROOT", "--available-below=1M", "web" },
                  2,
                  "--available-below= does not go with 'status'" },
                { { "show", "ROOT", "--usage-above=1M", "web" },
                  2,
                  "--usage-above= does not go with 'show'" },
                { { "list", "ROOT", "--working-set-above=1M" },
                  2,
                  "--working-set-above= does not go with 'list'" },
                { { "explain", "ROOT", "--limit-change", "web" },
                  2,
                  "--limit-change does not go with 'explain'" },
                { { "fit", "1M", "ROOT", "--timeout=1", "web" }, 2, "--timeout= does not go with 'fit'" },
                { { "metrics", "ROOT", "--json=short" }, 2, "--json= does not go with 'metrics'" },
                { { "metrics", "ROOT", "-t", "slice" }, 2, "--type= does not go with 'metrics'" },
                { { "list", "ROOT", "--format=openmetrics" }, 2, "--format= does not go with 'list'" },
                { { "show", "ROOT", "--output=x", "web" }, 2, "--output= does not go with 'show'" },
                /* Units that there are not. */
                { { "show", "ROOT", "nothing" }, 4, "nothing.service: There is no such unit" },
                { { "status", "ROOT", "nothing.slice" }, 4, "nothing.slice: There is no such unit" },
                { { "explain", "ROOT", "nothing" }, 4, "nothing.service" },
                { { "meminfo", "ROOT", "nothing" }, 4, "nothing.service" },
                { { "fit", "ROOT", "1M", "nothing" }, 4, "nothing.service" },
                { { "metrics", "ROOT", "nothing" }, 4, "nothing.service" },
                { { "metrics", "ROOT", "nothing*" }, 4, "No unit matches 'nothing*'" },
                { { "wait", "ROOT", "--limit-change", "nothing" }, 4, "nothing.service" },
                { { "show", "ROOT", "/system.slice/nothing.service" }, 4, "/system.slice/nothing.service" },
                { { "show", "ROOT", "/.." }, 4, "/.." },
                /* Another's user's unit, and a group that is no unit, have no name. */
                { { "show", "ROOT", "editor" }, 4, "editor.service" },
                { { "show", "ROOT", "--user", "web" }, 4, "web.service" },
                { { "show", "ROOT", "payload" }, 4, "payload.service" },
                { { "show", "ROOT", "nothing*" }, 4, "No unit matches 'nothing*'" },
                { { "status", "ROOT", "nothing?" }, 4, "No unit matches 'nothing?'" },
                { { "meminfo", "ROOT", "[x]y" }, 4, "No unit matches '[x]y'" },
                { { "show", "ROOT", "ed*" }, 4, "No unit matches 'ed*'" },
                { { "show", "ROOT", "--user", "w*" }, 4, "No unit matches 'w*'" },
                /* Processes that there are not. */
                { { "show", "ROOT", "99" }, 3, "There is no such process" },
                { { "status", "ROOT", "4294967295" }, 3, "There is no such process" },
                { { "show", "ROOT", "4294967296" }, 3, "4294967296" },
                { { "explain", "ROOT", "18446744073709551617" }, 3, "18446744073709551617" },
                { { "meminfo", "ROOT", "99" }, 3, "There is no such process" },
                { { "fit", "ROOT", "1M", "4294967296" }, 3, "4294967296" },
                { { "wait", "ROOT", "--limit-change", "4294967296" }, 3, "4294967296" },
                { { "wait", "ROOT", "--limit-change", "99" }, 3, "There is no such process" },
                /* No memory controller. */
                { { "show", "DISABLED", "4242" }, 5, "No memory controller" },
                { { "status", "DISABLED", "4242" }, 5, "No memory controller" },
                { { "explain", "DISABLED", "4242" }, 5, "No memory controller" },
                { { "wait", "DISABLED", "--limit-change", "4242" }, 5, "No memory controller" },
                { { "show", "--sysroot=/nonexistent", "web" }, 1, "/nonexistent" },
                { { "list", "--sysroot=/nonexistent" }, 1, "/nonexistent" },
                { { "metrics", "--sysroot=/nonexistent" }, 1, "/nonexistent" },
                { { "metrics", "DISABLED" }, 5, "No memory controller" },
        };
        g_autoptr(Captured) machine = captured_unpack("v2-machine");
        g_autoptr(Captured) disabled = captured_unpack("v2-memory-disabled");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *arguments[G_N_ELEMENTS(cases[i].arguments) + 1] = { NULL };

                for (size_t j = 0; j < G_N_ELEMENTS(cases[i].arguments); j++) {
                        const char *word = cases[i].arguments[j];

                        arguments[j] = g_strcmp0(word, "ROOT") == 0 ? machine->option :
                                g_strcmp0(word, "DISABLED") == 0    ? disabled->option :
                                                                      word;
                }
                g_autoptr(Run) run = run_mymem(NULL, arguments);

                run_check_complaint(run, cases[i].exit_code, cases[i].word);
        }
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        g_test_add_func("/usage/usage", test_usage);
        return g_test_run();
}
