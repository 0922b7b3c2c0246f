/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bar.h"
#include "binder.h"
#include "exit-code.h"
#include "size-text.h"
#include "size.h"
#include "target-list.h"
#include "terminal.h"
#include "verbs.h"

/* The verb `status`: one screen for a person. */

#define LABEL_WIDTH 15
#define BAR_MAX 100

static void print_label(const char *label) {
        printf("%*s%s ", LABEL_WIDTH, label, *label ? ":" : " ");
}

/* What is left of the line. */
static unsigned value_width(void) {
        return MAX(terminal_line_width() - LABEL_WIDTH - 2, 10);
}

static void print_value(const char *value) {
        g_autofree char *fitted = terminal_fit(value, value_width());

        puts(fitted);
}

static void print_line(const char *label, char *value) {
        g_autofree char *owned = value;

        print_label(label);
        print_value(owned);
}

/* Green, yellow or red by how much of the limit can still be had. */
static TerminalColour closeness(const Snapshot *snapshot) {
        guint64 tenth = snapshot->limit / 10;

        return snapshot->available <= tenth                  ? COLOUR_RED :
                snapshot->available <= 2 * tenth + tenth / 2 ? COLOUR_YELLOW :
                                                               COLOUR_GREEN;
}

static void print_title(const Snapshot *snapshot) {
        const char *name = *snapshot->id ? snapshot->id : "no unit";
        g_autofree char *fitted = terminal_fit(name, terminal_line_width() - 2);

        printf("%s%s%s %s%s%s\n",
               terminal_colour(closeness(snapshot)),
               terminal_is_utf8() ? "●" : "*",
               terminal_colour(COLOUR_NORMAL),
               terminal_colour(COLOUR_BOLD),
               fitted,
               terminal_colour(COLOUR_NORMAL));
}

static void print_shares(const Options *options, const Snapshot *snapshot) {
        g_autofree char *bar = NULL, *working_set = NULL, *cache = NULL, *free = NULL, *unavailable = NULL,
                        *used = NULL, *rest = NULL;
        Shares shares;

        if (!shares_of_snapshot(snapshot, &shares))
                return;

        bar = bar_draw(&shares, CLAMP(terminal_width() - LABEL_WIDTH - 3, 10, BAR_MAX));
        print_label("Memory");
        puts(bar);

        working_set = size_text_format(shares.working_set, options->bytes);
        cache = size_text_format(shares.cache, options->bytes);
        free = size_text_format(shares.free, options->bytes);
        unavailable = size_text_format(shares.unavailable, options->bytes);
        used = g_strdup_printf("%s working set, %s cache, %s free", working_set, cache, free);
        if (shares.unavailable == 0) {
                print_line("", g_steal_pointer(&used));
                return;
        }
        rest = g_strdup_printf("%s out of reach", unavailable);
        if (terminal_columns(used) + strlen(", ") + terminal_columns(rest) <= value_width()) {
                print_line("", g_strdup_printf("%s, %s", used, rest));
                return;
        }
        /* Figures are not cut: what is left of one in the middle is another one. */
        print_line("", g_strdup_printf("%s,", used));
        print_line("", g_steal_pointer(&rest));
}

static char *describe_bound(guint64 value, const char *by, const char *verb, gboolean bytes) {
        g_autofree char *size = size_text_format_limit(value, bytes), *name = NULL;

        if (*by == '\0')
                return g_steal_pointer(&size);

        name = binder_name(by);
        return g_strdup_printf("%s, %s by %s", size, verb, name);
}

static void print_swap(const Options *options, const Snapshot *snapshot) {
        g_autofree char *used = NULL, *limit = NULL, *name = NULL;

        /* Not known, or there is none. */
        if (snapshot->swap_usage == SIZE_UNKNOWN || (snapshot->swap_usage == 0 && snapshot->swap_limit == 0))
                return;

        used = size_text_format(snapshot->swap_usage, options->bytes);
        if (snapshot->swap_limit == SIZE_UNKNOWN) {
                print_line("Swap", g_steal_pointer(&used));
                return;
        }
        limit = size_text_format(snapshot->swap_limit, options->bytes);
        name = binder_name(snapshot->swap_limit_by);
        print_line("Swap", g_strdup_printf("%s of %s, set by %s", used, limit, name));
}

static char *describe_pressure(const char *what, const PressureLine *line) {
        char numbers[3][G_ASCII_DTOSTR_BUF_SIZE];

        return g_strdup_printf("%s %s%% %s%% %s%%",
                               what,
                               g_ascii_formatd(numbers[0], sizeof(numbers[0]), "%.2f", line->average10),
                               g_ascii_formatd(numbers[1], sizeof(numbers[1]), "%.2f", line->average60),
                               g_ascii_formatd(numbers[2], sizeof(numbers[2]), "%.2f", line->average300));
}

static void print_pressure(const Snapshot *snapshot) {
        g_autofree char *some = NULL, *full = NULL;

        if (snapshot->pressure.some.total == SIZE_UNKNOWN)
                return;

        some = describe_pressure("some", &snapshot->pressure.some);
        full = describe_pressure("full", &snapshot->pressure.full);
        print_line("Pressure", g_strdup_printf("%s, %s", some, full));
}

static void print_rlimits(const Options *options, const Rlimits *rlimits) {
        g_autofree char *address_space = NULL, *data = NULL;

        if (rlimits->address_space == SIZE_UNLIMITED && rlimits->data == SIZE_UNLIMITED)
                return;

        address_space = size_text_format_limit(rlimits->address_space, options->bytes);
        data = size_text_format_limit(rlimits->data, options->bytes);
        print_line("Rlimits", g_strdup_printf("address space %s, data %s", address_space, data));
}

static void print_screen(const Options *options, const Inquiry *inquiry) {
        const Snapshot *snapshot = inquiry->answer.snapshot;

        print_title(snapshot);
        print_line("Control group", g_strdup(snapshot->control_group));
        print_shares(options, snapshot);
        print_line("Limit", describe_bound(snapshot->limit, snapshot->limit_by, "set", options->bytes));
        print_line("Available",
                   describe_bound(snapshot->available, snapshot->available_by, "bound", options->bytes));
        if (snapshot->high_limit != SIZE_UNLIMITED)
                print_line("High",
                           describe_bound(
                                   snapshot->high_limit, snapshot->high_limit_by, "set", options->bytes));
        if (snapshot->peak != SIZE_UNKNOWN)
                print_line("Peak", size_text_format(snapshot->peak, options->bytes));
        print_swap(options, snapshot);
        print_pressure(snapshot);
        if (snapshot->events.oom_kill != SIZE_UNKNOWN)
                print_line("OOM kills", g_strdup_printf("%" G_GUINT64_FORMAT, snapshot->events.oom_kill));
        if (inquiry->has_rlimits)
                print_rlimits(options, &inquiry->rlimits);
}

static void tell(const Options *options, const Inquiry *inquiry, void *userdata) {
        guint *n = userdata;

        if ((*n)++ > 0)
                putchar('\n');
        print_screen(options, inquiry);
}

static void pause_for(guint64 usec) {
        struct timespec left = { (time_t) (usec / 1000000), (long) (usec % 1000000 * 1000) };

        while (nanosleep(&left, &left) < 0 && errno == EINTR)
                ;
}

static gboolean is_repeated(const Options *options) {
        return options->delay_usec > 0 || options->iterations > 0;
}

int status(const Options *options, char **words) {
        guint64 delay_usec = options->delay_usec > 0 ? options->delay_usec : 1000000;
        int exit_code = EXIT_CODE_OK;

        /* For programs it is the same as `show`. */
        if (options->json != JSON_OFF || options->properties)
                return show(options, words);

        for (guint i = 0;
             i == 0 || (is_repeated(options) && (i < options->iterations || options->iterations == 0));
             i++) {
                TargetList list;
                guint n = 0;

                if (i > 0)
                        pause_for(delay_usec);
                if (is_repeated(options))
                        terminal_next_screen(i == 0);

                exit_code = target_list_make(options, words, &list);
                if (exit_code == EXIT_CODE_USAGE)
                        return exit_code;
                exit_code = target_list_tell(options, &list, ASK_ALL, tell, &n);
                target_list_done(&list);

                /* Whoever reads this has it now, or has gone. */
                if (fflush(stdout) < 0)
                        return EXIT_CODE_FAILURE;
        }

        return exit_code;
}
