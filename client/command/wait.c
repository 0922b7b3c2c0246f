/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <time.h>

#include "argument.h"
#include "cleanup.h"
#include "exit-code.h"
#include "machine.h"
#include "size-text.h"
#include "size.h"
#include "target-list.h"
#include "verbs.h"
#include "watch.h"

/* The verb `wait`: returns when a figure has crossed a threshold. The kernel tells nobody when a usage
 * crosses a number on all versions of control groups, so this looks, seldom enough to cost nothing. */

typedef struct Wait {
        guint64 available_below; /* 0 if this is not waited for */
        guint64 usage_above;     /* SIZE_UNLIMITED if this is not waited for, as is the next one */
        guint64 working_set_above;
        gboolean limit_change;
        guint64 limit; /* as it was at first */
} Wait;

static gboolean is_crossed(const Wait *wait, const Watched *now) {
        return now->available < wait->available_below ||
                (now->usage != SIZE_UNKNOWN && now->usage > wait->usage_above) ||
                (now->working_set != SIZE_UNKNOWN && now->working_set > wait->working_set_above) ||
                (wait->limit_change && now->limit != wait->limit);
}

static gboolean parse_threshold(const char *option, const char *text, guint64 *ret) {
        if (!text || size_text_parse(text, ret))
                return TRUE;

        g_printerr("mymem: --%s= takes a size, not '%s'.\n", option, text);
        return FALSE;
}

static gboolean parse(const Options *options, Wait *wait) {
        if (!options->available_below && !options->usage_above && !options->working_set_above &&
            !options->limit_change) {
                g_printerr("mymem: What shall be waited for? Try `mymem wait --available-below=64M`.\n");
                return FALSE;
        }

        if (!parse_threshold("available-below", options->available_below, &wait->available_below) ||
            !parse_threshold("usage-above", options->usage_above, &wait->usage_above) ||
            !parse_threshold("working-set-above", options->working_set_above, &wait->working_set_above))
                return FALSE;
        if (options->available_below && wait->available_below == 0) {
                g_printerr("mymem: --available-below=%s: It is never less than that.\n",
                           options->available_below);
                return FALSE;
        }

        return TRUE;
}

static void pause_until(guint64 usec) {
        const struct timespec when = { (time_t) (usec / 1000000), (long) (usec % 1000000 * 1000) };

        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR &&
               machine_now_usec() < usec)
                ;
}

/* Waits for one target; returns an exit code. */
static int wait_for(const Options *options, const Argument *argument, Wait *wait) {
        guint64 now = machine_now_usec(), end = SIZE_UNLIMITED;
        _cleanup_(watch_freep) Watch *watch = NULL;
        g_autofree char *message = NULL;
        Watched seen;
        int r;

        if (options->timeout_usec > 0)
                end = now + MIN(options->timeout_usec, SIZE_UNLIMITED - now);

        r = watch_new(options, &argument->target, &watch, &message);
        if (r >= 0)
                r = watch_look(watch, &seen, &message);
        for (wait->limit = r >= 0 ? seen.limit : 0; r >= 0 && !is_crossed(wait, &seen);) {
                now = machine_now_usec();
                if (now >= end)
                        return EXIT_CODE_TIMEOUT;

                pause_until(MIN(now + watch_interval_usec(watch), end));
                r = watch_look(watch, &seen, &message);
        }
        if (r < 0) {
                g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
                return exit_code_from_error(r);
        }

        return EXIT_CODE_OK;
}

int wait_until(const Options *options, char **words) {
        Wait wait = {
                .usage_above = SIZE_UNLIMITED,
                .working_set_above = SIZE_UNLIMITED,
                .limit_change = options->limit_change,
        };
        const Argument *argument;
        TargetList list;
        int exit_code;

        if (!parse(options, &wait))
                return EXIT_CODE_USAGE;

        exit_code = target_list_make_one(options, words, &list, &argument);
        if (exit_code != EXIT_CODE_OK)
                return exit_code;

        exit_code = wait_for(options, argument, &wait);
        target_list_done(&list);
        return exit_code;
}
