/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "captured.h"
#include "run.h"

/* The verb `meminfo`. */

static Captured *machine = NULL;

/* In KiB, after the files of the machine. */
static void test_text(void) {
        static const struct {
                const char *target;
                const char *out;
        } cases[] = {
                /* Usage 320 MiB of 512, available 128: less than 512 - 320. Of the usage 104 MiB are file
                 * (64 inactive, 32 active, 8 shared), 200 anonymous, and 4 slab. Swap 16 of 128. */
                { "web",
                  "MemTotal:         524288 kB\n"
                  "MemFree:          131072 kB\n"
                  "MemAvailable:     131072 kB\n"
                  "Buffers:               0 kB\n"
                  "Cached:           106496 kB\n"
                  "SwapCached:            0 kB\n"
                  "Active:           237568 kB\n"
                  "Inactive:          65536 kB\n"
                  "Active(anon):     204800 kB\n"
                  "Inactive(anon):        0 kB\n"
                  "Active(file):      32768 kB\n"
                  "Inactive(file):    65536 kB\n"
                  "SwapTotal:        131072 kB\n"
                  "SwapFree:         114688 kB\n"
                  "AnonPages:        204800 kB\n"
                  "Shmem:              8192 kB\n"
                  "KReclaimable:       4096 kB\n"
                  "SReclaimable:       4096 kB\n" },
                /* No limit but the machine; 16 MiB inactive file, 8 active, 40 anonymous. How much it has
                 * swapped out is not known. */
                { "plain",
                  "MemTotal:        4194304 kB\n"
                  "MemFree:         3145728 kB\n"
                  "MemAvailable:    3145728 kB\n"
                  "Buffers:               0 kB\n"
                  "Cached:            24576 kB\n"
                  "SwapCached:            0 kB\n"
                  "Active:            49152 kB\n"
                  "Inactive:          16384 kB\n"
                  "Active(anon):      40960 kB\n"
                  "Inactive(anon):        0 kB\n"
                  "Active(file):       8192 kB\n"
                  "Inactive(file):    16384 kB\n"
                  "AnonPages:         40960 kB\n"
                  "Shmem:                 0 kB\n"
                  "KReclaimable:       2048 kB\n"
                  "SReclaimable:       2048 kB\n" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(Run) run = run_mymem(NULL, WORDS("meminfo", machine->option, cases[i].target));

                run_check_well(run);
                run_check_out(run, cases[i].out);
        }
}

/* What is available is never more than there is: a limit of 0, and one that a process's group has below. */
static void test_bounds(void) {
        static const struct {
                const char *target, *total, *free, *available;
        } cases[] = {
                { "idle", "0 kB", "0 kB", "0 kB" },
                { "4242", "524288 kB", "24576 kB", "24576 kB" }, /* RLIMIT_DATA */
                { "4243", "204800 kB", "20480 kB", "20480 kB" },
                { "--user", "262144 kB", "67584 kB", "98304 kB" }, /* editor: 256 - 190 = 66, 96 */
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                const char *second = g_str_equal(cases[i].target, "--user") ? "editor" : NULL;
                g_autoptr(Run) run =
                        run_mymem(NULL, WORDS("meminfo", machine->option, cases[i].target, second));
                g_autofree char *text = NULL;
                g_auto(GStrv) words = g_regex_split_simple(" +", run->out, 0, 0);

                run_check_well(run);
                text = g_strjoinv(" ", words);
                g_autofree char *head = g_strdup_printf("MemTotal: %s\nMemFree: %s\nMemAvailable: %s\n",
                                                        cases[i].total,
                                                        cases[i].free,
                                                        cases[i].available);
                g_test_message("%s", text);
                g_assert_true(g_str_has_prefix(text, head));
        }
}

/* The number behind a line's name, or before the name. */
static guint64 number_of(const char *text, const char *pattern) {
        g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        g_autofree char *number = NULL;

        if (!g_regex_match(regex, text, 0, &match)) {
                g_test_message("There is no '%s' in:\n%s", pattern, text);
                g_test_fail();
                return 0;
        }
        number = g_match_info_fetch(match, 1);
        return g_ascii_strtoull(number, NULL, 10);
}

#define MOUNTED(command)                                     \
        "set -e; \"$M\" meminfo \"$ROOT\" web > \"$FILE\"; " \
        "unshare --mount sh -c 'mount --bind \"$FILE\" /proc/meminfo && exec \"$@\"' - " command

/* The real programs, for which the file stands where the machine's was. */
static void test_mounted(void) {
        g_autofree char *root = g_strconcat("ROOT=", machine->option, NULL);
        g_autofree char *file = g_strdup_printf("FILE=%s/meminfo", machine->directory);
        g_autoptr(Run) possible = run_bash(NULL, "unshare --mount true");

        if (possible->exit_code != 0) {
                g_test_skip("no mount namespace can be made");
                return;
        }

        g_autoptr(Run) memory = run_bash(WORDS(root, file, "LC_ALL=C"), MOUNTED("free -b"));
        g_autoptr(Run) statistics = run_bash(WORDS(root, file, "LC_ALL=C"), MOUNTED("vmstat -s"));
        const char *text = memory->out;

        run_check_well(memory);
        g_test_message("%s", text);
        g_assert_cmpuint(number_of(text, "^Mem: +([0-9]+)"), ==, 536870912);
        g_assert_cmpuint(number_of(text, "^Mem:(?: +[0-9]+){2} +([0-9]+)"), ==, 134217728);
        g_assert_cmpuint(number_of(text, "^Mem:(?: +[0-9]+){3} +([0-9]+)"), ==, 8388608);
        g_assert_cmpuint(number_of(text, "^Mem:(?: +[0-9]+){4} +([0-9]+)"), ==, 113246208); /* 104 + 4 */
        g_assert_cmpuint(number_of(text, "^Mem:(?: +[0-9]+){5} +([0-9]+)"), ==, 134217728);
        g_assert_cmpuint(number_of(text, "^Swap: +([0-9]+)"), ==, 134217728);
        g_assert_cmpuint(number_of(text, "^Swap: +[0-9]+ +([0-9]+)"), ==, 16777216);
        g_assert_cmpuint(number_of(text, "^Swap:(?: +[0-9]+){2} +([0-9]+)"), ==, 117440512);

        text = statistics->out;
        run_check_well(statistics);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K total memory"), ==, 524288);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K active memory"), ==, 237568);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K inactive memory"), ==, 65536);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K free memory"), ==, 131072);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K total swap"), ==, 131072);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K used swap"), ==, 16384);
        g_assert_cmpuint(number_of(text, "^ *([0-9]+) K free swap"), ==, 114688);
}

int main(int argc, char **argv) {
        int exit_code;

        g_test_init(&argc, &argv, NULL);
        g_test_set_nonfatal_assertions();
        machine = captured_unpack("v2-machine");
        g_test_add_func("/meminfo/text", test_text);
        g_test_add_func("/meminfo/bounds", test_bounds);
        g_test_add_func("/meminfo/mounted", test_mounted);
        exit_code = g_test_run();
        captured_free(machine);
        return exit_code;
}
