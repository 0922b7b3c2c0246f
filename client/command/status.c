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

/* On lines that are shorter, values stand below their labels. */
#define BESIDE_MIN 40
#define BELOW_INDENT 2

/* A name of which less would be left gets a line of its own. */
#define NAME_MIN 8

static gboolean is_beside(void) {
        return terminal_line_width() >= BESIDE_MIN;
}

static unsigned value_indent(void) {
        return is_beside() ? LABEL_WIDTH + 2 : BELOW_INDENT;
}

/* What is left of the line. */
static unsigned value_width(void) {
        return terminal_line_width() - value_indent();
}

static void print_label(const char *label) {
        if (is_beside())
                printf("%*s: ", LABEL_WIDTH, label);
        else
                printf("%s:\n%*s", label, BELOW_INDENT, "");
}

static void print_break(void) {
        printf("\n%*s", (int) value_indent(), "");
}

static void print_name(const char *label, const char *name) {
        g_autofree char *fitted = terminal_fit(name, value_width());

        print_label(label);
        puts(fitted);
}

/* Prints what stays in one piece, where 'column' columns of the value's line are taken; returns how many are
 * taken then. */
static unsigned print_piece(const char *piece, unsigned column) {
        unsigned columns = terminal_columns(piece);

        if (column > 0 && column + 1 + columns > value_width()) {
                print_break();
                column = 0;
        }
        if (column > 0) {
                putchar(' ');
                column++;
        }
        fputs(piece, stdout);
        return column + columns;
}

/* Figures are not cut: what is left of one is another one. Lines end behind commas, and within a part only
 * if it is longer than a line. */
static unsigned print_parts(char **parts) {
        unsigned column = 0;

        for (char **part = parts; *part; part++) {
                g_autofree char *whole = g_strconcat(*part, part[1] ? "," : "", NULL);
                g_auto(GStrv) words = g_strsplit(whole, " ", -1);

                if (terminal_columns(whole) <= value_width())
                        column = print_piece(whole, column);
                else
                        for (char **word = words; *word; word++)
                                column = print_piece(*word, column);
        }

        return column;
}

static void print_figures(const char *label, char *figures) {
        g_autofree char *owned = figures;
        g_auto(GStrv) parts = g_strsplit(owned, ", ", -1);

        print_label(label);
        (void) print_parts(parts);
        putchar('\n');
}

/* The same with whose they are; 'verb' is "set by", say. Of a name there may be less. */
static void print_bound(const char *label, char *figures, const char *verb, const char *by) {
        g_autofree char *owned = NULL, *piece = NULL, *name = NULL, *fitted = NULL;
        unsigned column, least, width = value_width(), taken = (unsigned) strlen(verb) + 1;

        if (*by == '\0') {
                print_figures(label, figures);
                return;
        }

        owned = figures;
        piece = g_strconcat(owned, ",", NULL);
        name = binder_name(by);
        least = MIN(terminal_columns(name), NAME_MIN);
        print_label(label);
        column = print_parts((char *[]) { piece, NULL });
        if (column + 1 + taken + least <= width) {
                putchar(' ');
                column++;
        } else {
                print_break();
                column = 0;
        }
        fitted = terminal_fit(name, width - column - taken);
        printf("%s %s\n", verb, fitted);
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

static char **describe_shares(const Shares *shares, gboolean bytes) {
        g_autofree char *working_set = size_text_format(shares->working_set, bytes),
                        *cache = size_text_format(shares->cache, bytes),
                        *free = size_text_format(shares->free, bytes),
                        *unavailable = size_text_format(shares->unavailable, bytes);
        char *parts[] = {
                g_strdup_printf("%s working set", working_set),
                g_strdup_printf("%s cache", cache),
                g_strdup_printf("%s free", free),
                shares->unavailable > 0 ? g_strdup_printf("%s out of reach", unavailable) : NULL,
                NULL,
        };

        return g_memdup2(parts, sizeof(parts));
}

static void print_shares(const Options *options, const Snapshot *snapshot) {
        g_autofree char *bar = NULL;
        g_auto(GStrv) parts = NULL;
        Shares shares;

        if (!shares_of_snapshot(snapshot, &shares))
                return;

        bar = bar_draw(&shares, CLAMP(terminal_width() - value_indent() - 1, 10, BAR_MAX));
        print_label("Memory");
        fputs(bar, stdout);
        print_break();

        parts = describe_shares(&shares, options->bytes);
        (void) print_parts(parts);
        putchar('\n');
}

static void print_limit(
        const Options *options, const char *label, guint64 value, const char *verb, const char *by) {
        print_bound(label, size_text_format_limit(value, options->bytes), verb, by);
}

static void print_swap(const Options *options, const Snapshot *snapshot) {
        g_autofree char *used = NULL, *limit = NULL;

        /* Not known, or there is none. */
        if (snapshot->swap_usage == SIZE_UNKNOWN || (snapshot->swap_usage == 0 && snapshot->swap_limit == 0))
                return;

        used = size_text_format(snapshot->swap_usage, options->bytes);
        if (snapshot->swap_limit == SIZE_UNKNOWN) {
                print_figures("Swap", g_steal_pointer(&used));
                return;
        }
        limit = size_text_format(snapshot->swap_limit, options->bytes);
        print_bound("Swap", g_strdup_printf("%s of %s", used, limit), "set by", snapshot->swap_limit_by);
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
        print_figures("Pressure", g_strdup_printf("%s, %s", some, full));
}

static void print_rlimits(const Options *options, const Rlimits *rlimits) {
        g_autofree char *address_space = NULL, *data = NULL;

        if (rlimits->address_space == SIZE_UNLIMITED && rlimits->data == SIZE_UNLIMITED)
                return;

        address_space = size_text_format_limit(rlimits->address_space, options->bytes);
        data = size_text_format_limit(rlimits->data, options->bytes);
        print_figures("Rlimits", g_strdup_printf("address space %s, data %s", address_space, data));
}

static void print_screen(const Options *options, const Inquiry *inquiry) {
        const Snapshot *snapshot = inquiry->answer.snapshot;

        print_title(snapshot);
        print_name("Control group", snapshot->control_group);
        print_shares(options, snapshot);
        print_limit(options, "Limit", snapshot->limit, "set by", snapshot->limit_by);
        print_limit(options, "Available", snapshot->available, "bound by", snapshot->available_by);
        if (snapshot->high_limit != SIZE_UNLIMITED)
                print_limit(options, "High", snapshot->high_limit, "set by", snapshot->high_limit_by);
        if (snapshot->peak != SIZE_UNKNOWN)
                print_figures("Peak", size_text_format(snapshot->peak, options->bytes));
        print_swap(options, snapshot);
        print_pressure(snapshot);
        if (snapshot->events.oom_kill != SIZE_UNKNOWN)
                print_figures("OOM kills", g_strdup_printf("%" G_GUINT64_FORMAT, snapshot->events.oom_kill));
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
        const guint64 end = machine_now_usec() + usec;

        while (nanosleep(&left, &left) < 0 && errno == EINTR && machine_now_usec() < end)
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
                /* What is shown once may stay below what was there. */
                if (is_repeated(options) && options->iterations != 1)
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
