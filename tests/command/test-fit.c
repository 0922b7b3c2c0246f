/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "captured.h"
#include "run.h"

/* The verb `fit`. */

static void test_fit(void) {
        /* In MiB: web has 512, of which 128 are available; idle has a limit of 0; of plain 3072 are
         * available, and RAM is 4096. */
        static const struct {
                const char *arguments[5];
                const char *out;
        } cases[] = {
                { { "64M", "web" }, "2\n" },
                { { "65M", "web" }, "1\n" },
                { { "128M", "web" }, "1\n" },
                { { "134217728", "web" }, "1\n" },
                { { "134217729", "web" }, "0\n" },
                { { "129M", "web" }, "0\n" },
                { { "1B", "web" }, "134217728\n" },
                { { "1.5G", "plain" }, "2\n" },
                { { "1T", "plain" }, "0\n" },
                { { "15E", "plain" }, "0\n" },
                { { "1M", "idle" }, "0\n" },
                { { "1M", "4242" }, "24\n" }, /* what its own RLIMIT_DATA leaves */
                { { "1M", "/build.slice/build-jobs.slice/runner.service/payload" }, "20\n" },
                /* 128 - 28 = 100; 512 * 10 % = 51.2, 128 - 51.2 = 76.8. */
                { { "10M", "web", "--reserve=28M" }, "10\n" },
                { { "10M", "web", "--reserve", "28M" }, "10\n" },
                { { "10M", "web", "--reserve=29M" }, "9\n" },
                { { "1M", "web", "--reserve=10%" }, "76\n" },
                { { "1M", "web", "--reserve=0%" }, "128\n" },
                { { "1M", "web", "--reserve=0" }, "128\n" },
                { { "1M", "web", "--reserve=25%" }, "0\n" },
                { { "1M", "web", "--reserve=24%" }, "5\n" }, /* 512 * 24 % = 122.88 */
                { { "1M", "web", "--reserve=100%" }, "0\n" },
                { { "1M", "web", "--reserve=1G" }, "0\n" },
                { { "1M", "plain", "--reserve=25%" }, "2048\n" }, /* 3072 - 1024 */
                { { "1M", "idle", "--reserve=50%" }, "0\n" },
                { { "64M", "web", "--max=1" }, "1\n" },
                { { "64M", "web", "--max=2" }, "2\n" },
                { { "64M", "web", "--max", "3" }, "2\n" },
                { { "1M", "web", "--max=18446744073709551615" }, "128\n" },
                { { "1M", "web", "--reserve=28M", "--max=50" }, "50\n" },
        };
        g_autoptr(Captured) machine = captured_unpack("v2-machine");

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *const *a = cases[i].arguments;
                g_autoptr(Run) run =
                        run_mymem(NULL, WORDS("fit", machine->option, a[0], a[1], a[2], a[2] ? a[3] : NULL));

                run_check_well(run);
                run_check_out(run, cases[i].out);
        }
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        g_test_add_func("/fit/fit", test_fit);
        return g_test_run();
}
