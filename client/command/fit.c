/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "exit-code.h"
#include "size-text.h"
#include "size.h"
#include "target-list.h"
#include "verbs.h"

/* The verb `fit`: how many workers of one size there is memory for. */

typedef struct Fitting {
        guint64 size;
        int exit_code;
} Fitting;

static void tell(const Options *options, const Inquiry *inquiry, void *userdata) {
        const Snapshot *snapshot = inquiry->answer.snapshot;
        Fitting *fitting = userdata;
        guint64 reserve = 0, n;

        if (options->reserve && !size_text_parse_share(options->reserve, snapshot->limit, &reserve)) {
                fitting->exit_code = EXIT_CODE_USAGE;
                return;
        }

        n = size_less(snapshot->available, reserve) / fitting->size;
        if (options->max > 0)
                n = MIN(n, options->max);
        printf("%" G_GUINT64_FORMAT "\n", n);
}

int fit(const Options *options, char **words) {
        Fitting fitting = { 0 };
        guint64 ignored;
        int exit_code;

        if (!words || !words[0]) {
                g_printerr("mymem: How large is one of them? Try `mymem fit 64M`.\n");
                return EXIT_CODE_USAGE;
        }
        if (!size_text_parse(words[0], &fitting.size) || fitting.size == 0) {
                g_printerr("mymem: '%s' is no size: try 64M, 1.5G, or a number of bytes.\n", words[0]);
                return EXIT_CODE_USAGE;
        }
        if (options->reserve && !size_text_parse_share(options->reserve, 0, &ignored)) {
                g_printerr("mymem: --reserve= takes a size or a percentage of the limit, not '%s'.\n",
                           options->reserve);
                return EXIT_CODE_USAGE;
        }

        exit_code = target_tell_one(options, words + 1, ASK_ALL, tell, &fitting);
        return fitting.exit_code != EXIT_CODE_OK ? fitting.exit_code : exit_code;
}
