/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "row.h"
#include "run.h"
#include "units.h"

/* `mymem list` and `mymem metrics` of ten thousand units, and reading the same files in a loop. */

#define UNITS 10000

/* A verb, what it says first of a unit's name, and the files that it reads of each. */
typedef struct Verb {
        const char *name, *what;
        const char *before;
        unsigned times;
        const char *files[8];
} Verb;

static const Verb verbs[] = {
        { "list",
          "`mymem list` of 10,000 units",
          "\n",
          3,
          { "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat" } },
        { "metrics",
          "`mymem metrics` of 10,000 units",
          "mymem_memory_usage_bytes{unit=\"",
          1,
          { "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "memory.stat",
            "memory.max_usage_in_bytes",
            "memory.failcnt",
            "memory.oom_control" } },
};

typedef struct Bench {
        const Verb *verb;
        const Slice *slice;
} Bench;

static void read_plainly(void *data) {
        const Bench *bench = data;

        g_assert_cmpuint(units_read_plainly(bench->slice, bench->verb->files), ==, UNITS);
}

static void run_verb(void *data) {
        const Bench *bench = data;
        g_autofree char *script = g_strdup_printf("exec \"$M\" %s --direct > /dev/null", bench->verb->name);
        g_autoptr(Run) run = run_bash(NULL, script);

        g_assert_cmpint(run->exit_code, ==, 0);
}

static void test_verb(const void *data) {
        const Verb *verb = data;
        Slice *slice = slice_new();
        Samples samples[2];

        if (!slice)
                return;

        units_make(slice, UNITS);
        g_autoptr(Run) run = run_mymem(NULL, WORDS(verb->name, "--direct"));
        g_autofree char *name = units_name(slice, UNITS - 1);
        g_autofree char *last = g_strconcat(verb->before, name, NULL);
        g_assert_nonnull(strstr(run->out, last));

        Bench bench = { verb, slice };
        const Variant variants[] = {
                { .work = run_verb, .data = &bench },
                { .work = read_plainly, .data = &bench },
        };
        samples_take(variants, samples, G_N_ELEMENTS(variants), verb->times);
        row_ratio(&(Row) { verb->what, "openat loop", .at_most = 1.5 }, samples[0].p50, samples[1].p50);
        slice_free(slice);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add_data_func("/list/ratio", &verbs[0], test_verb);
        g_test_add_data_func("/list/metrics", &verbs[1], test_verb);
        return g_test_run();
}
