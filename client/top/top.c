/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <curses.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "command-line.h"
#include "exit-code.h"
#include "inquiry.h"
#include "remote.h"
#include "screen.h"
#include "verbs.h"

/* mymem-top, which `mymem top` starts: every unit, live. */

static const char help[] = "mymem top [OPTION...] [PATTERN...]    Units and their memory, live\n"
                           "\n"
                           "  -d --delay=SECONDS    between two looks; 2 s\n"
                           "  -n --iterations=N     end after so many\n"
                           "  -b --batch            tables for files and pipes; one without a terminal\n"
                           "     --sort=FIGURE      name, usage, working-set, limit, available, percent\n"
                           "  -r --reverse          the other way round\n"
                           "     --tree             slices, and what lies in them\n"
                           "  -t --type=TYPE        only services, slices, ...\n"
                           "     --user             one's own units\n"
                           "     --bytes            figures in bytes\n"
                           "     --no-legend        tables without head and foot\n"
                           "     --direct           never ask the service\n"
                           "  -H --host=[USER@]HOST, -M --machine=CONTAINER\n"
                           "  -h --help, --version\n"
                           "\n"
                           "The key h shows what the others do. See mymem(1).\n";

#define DELAY_USEC (2 * G_USEC_PER_SEC)
#define DELAY_MIN_USEC (G_USEC_PER_SEC / 10)
#define DELAY_MAX_USEC (60 * G_USEC_PER_SEC)

/* A look at very many units takes long: then there are fewer, so that no more than a part of the time is
 * spent looking: of a processor's here, and of all together, since the service may be at work for us. */
#define SHARE_OF_PROCESSOR 15
#define SHARE_OF_TIME 4

typedef struct Top {
        Options options;
        char **patterns;
        Arrangement arrangement;
        GString *filter;
        Histories *histories;
        GPtrArray *units; /* of Unit, as of the last look */
        GArray *rows;
        gboolean has_machine;
        Meminfo machine;
        char *message;       /* why that failed; or NULL */
        char *selected;      /* the control group; NULL before one was selected */
        guint row;           /* where it stands */
        gint64 look_at_usec; /* the next time */
        guint n_looks;
        gboolean is_typing;
} Top;

static volatile sig_atomic_t caught_signal = 0;

static void on_signal(int number) {
        caught_signal = number;
}

static void catch_signals(void) {
        static const int numbers[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGUSR1,
                                       SIGUSR2, SIGALRM, SIGPIPE, SIGXCPU, SIGVTALRM };
        const struct sigaction action = { .sa_handler = on_signal };

        for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
                (void) sigaction(numbers[i], &action, NULL);
}

static const Row *find_row(const Top *top, guint i) {
        return &g_array_index(top->rows, Row, i);
}

static void select_row(Top *top, guint row) {
        top->row = top->rows->len == 0 ? 0 : MIN(row, top->rows->len - 1);
        g_free(top->selected);
        top->selected = top->rows->len == 0 ? NULL : g_strdup(find_row(top, top->row)->unit->control_group);
}

/* The selected unit stays so wherever it stands now; if it is gone, what stands there is. */
static void arrange(Top *top) {
        g_assert(top->filter);

        if (top->rows)
                g_array_unref(top->rows);
        top->arrangement.filter = top->filter->str;
        top->rows = rows_arrange(top->units, &top->arrangement);

        for (guint i = 0; top->selected && i < top->rows->len; i++)
                if (g_str_equal(find_row(top, i)->unit->control_group, top->selected)) {
                        top->row = i;
                        return;
                }
        select_row(top, top->row);
}

/* The machine's own figures, where it is not another one. */
static void look_at_machine(Top *top) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        g_autofree char *message = NULL;

        top->has_machine = !remote_is_wanted(&top->options) &&
                inquiry_open_machine(&top->options, &machine, &message) >= 0 &&
                machine_read_meminfo(machine, &top->machine) >= 0;
}

/* What this program has had of a processor so far. */
static gint64 processor_usec(void) {
        struct timespec used;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return (gint64) used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

static int look(Top *top) {
        g_autoptr(GPtrArray) units = NULL;
        g_autofree char *message = NULL;
        gint64 begin = g_get_monotonic_time(), busy = processor_usec(), wait;
        int r;

        r = units_find(&top->options, &units, &message);
        wait = MAX((processor_usec() - busy) * SHARE_OF_PROCESSOR,
                   (g_get_monotonic_time() - begin) * SHARE_OF_TIME);
        top->look_at_usec = begin + MAX((gint64) top->options.delay_usec, wait);
        top->n_looks++;
        g_free(top->message);
        top->message = r < 0 ? g_strdup(message ? message : g_strerror(-r)) : NULL;
        if (r < 0)
                return r;

        units_filter(&top->options, top->patterns, units);
        histories_add(top->histories, units);
        /* The rows point at the old ones. */
        if (top->rows)
                g_array_set_size(top->rows, 0);
        g_ptr_array_unref(top->units);
        top->units = g_steal_pointer(&units);
        arrange(top);
        look_at_machine(top);
        return 0;
}

static void draw(const Top *top) {
        screen_draw(&(View) {
                .rows = top->rows,
                .histories = top->histories,
                .arrangement = &top->arrangement,
                .machine = top->has_machine ? &top->machine : NULL,
                .n_units = top->units->len,
                .selected = top->row,
                .bytes = top->options.bytes,
                .is_typing = top->is_typing,
                .message = top->message,
        });
}

static void print_explanation(void *userdata) {
        Top *top = userdata;

        (void) explain(&top->options, (char *[]) { top->selected, NULL });
}

/* Goes to the next order, and from the last to the first. */
static void sort_by_next(Top *top) {
        guint *by = &top->arrangement.order.by;

        *by = units_order_name(*by + 1) ? *by + 1 : 0;
        arrange(top);
}

static void sort_by_previous(Top *top) {
        guint *by = &top->arrangement.order.by;

        if (*by == 0)
                while (units_order_name(*by + 1))
                        ++*by;
        else
                --*by;
        arrange(top);
}

static void change_delay(Top *top, guint64 delay_usec) {
        top->options.delay_usec = CLAMP(delay_usec, DELAY_MIN_USEC, DELAY_MAX_USEC);
        top->look_at_usec = g_get_monotonic_time() + (gint64) top->options.delay_usec;
}

/* Types a letter of the filter. */
static void on_letter(Top *top, int key) {
        if (key == 27) {
                g_string_truncate(top->filter, 0);
                top->is_typing = FALSE;
        } else if (key == '\n' || key == '\r' || key == KEY_ENTER)
                top->is_typing = FALSE;
        else if (key == KEY_BACKSPACE || key == 127 || key == '\b')
                g_string_truncate(top->filter, top->filter->len > 0 ? top->filter->len - 1 : 0);
        else if (key >= ' ' && key < 127 && top->filter->len < 255)
                g_string_append_c(top->filter, (char) key);
        arrange(top);
}

/* Returns FALSE if it is to end. */
static gboolean on_key(Top *top, int key) {
        guint page = screen_rows();

        switch (key) {
        case 'q':
                return FALSE;
        case KEY_UP:
        case 'k':
                select_row(top, top->row > 0 ? top->row - 1 : 0);
                break;
        case KEY_DOWN:
        case 'j':
                select_row(top, top->row + 1);
                break;
        case KEY_PPAGE:
                select_row(top, top->row > page ? top->row - page : 0);
                break;
        case KEY_NPAGE:
                select_row(top, top->row + page);
                break;
        case KEY_HOME:
        case 'g':
                select_row(top, 0);
                break;
        case KEY_END:
        case 'G':
                select_row(top, top->rows->len);
                break;
        case '\n':
        case '\r':
        case KEY_ENTER:
                if (top->selected)
                        screen_lend(print_explanation, top);
                break;
        case 's':
                sort_by_next(top);
                break;
        case 'S':
                sort_by_previous(top);
                break;
        case 'r':
                top->arrangement.order.reverse = !top->arrangement.order.reverse;
                arrange(top);
                break;
        case 't':
                top->arrangement.is_tree = !top->arrangement.is_tree;
                arrange(top);
                break;
        case '/':
                top->is_typing = TRUE;
                break;
        case 27:
                g_string_truncate(top->filter, 0);
                arrange(top);
                break;
        case 'b':
                top->options.bytes = !top->options.bytes;
                break;
        case ' ':
                top->look_at_usec = 0;
                break;
        case '+':
                change_delay(top, top->options.delay_usec * 2);
                break;
        case '-':
                change_delay(top, top->options.delay_usec / 2);
                break;
        case 'h':
        case '?':
                screen_help();
                break;
        default:
                break;
        }

        return TRUE;
}

static int read_key(const Top *top) {
        gint64 now = g_get_monotonic_time();

        timeout(top->look_at_usec > now ? (int) ((top->look_at_usec - now + 999) / 1000) : 0);
        return getch();
}

/* Without one there is nothing to be read from it, at once and for ever: it was hung up. */
static gboolean has_terminal(void) {
        return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static gboolean is_over(const Top *top) {
        return top->options.iterations > 0 && top->n_looks >= top->options.iterations;
}

/* Returns an exit code. */
static int run_live(Top *top) {
        g_autofree char *message = NULL;
        gboolean goes_on = TRUE;
        int r, key;

        r = look(top);
        if (r < 0) {
                g_printerr("mymem: %s\n", top->message);
                return exit_code_from_error(r);
        }
        if (!screen_begin(&message)) {
                g_printerr("mymem: %s\n", message);
                return EXIT_CODE_FAILURE;
        }
        catch_signals();

        while (goes_on && caught_signal == 0) {
                draw(top);
                key = read_key(top);
                if (key == ERR && !has_terminal())
                        break;
                if (key == ERR && caught_signal == 0 && g_get_monotonic_time() >= top->look_at_usec) {
                        if (is_over(top))
                                break;
                        /* What fails now may not fail the next time; the last figures stay until then. */
                        (void) look(top);
                } else if (key != ERR && key != KEY_RESIZE) {
                        if (top->is_typing)
                                on_letter(top, key);
                        else
                                goes_on = on_key(top, key);
                }
        }

        screen_end();
        if (caught_signal == 0)
                return EXIT_CODE_OK;

        /* The terminal is as it was: who sent the signal shall see what it did. */
        (void) signal(caught_signal, SIG_DFL);
        (void) raise(caught_signal);
        return EXIT_CODE_FAILURE;
}

static void print_batch(const Top *top) {
        g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GStringChunk) names = g_string_chunk_new(1024);

        for (guint i = 0; i < top->rows->len; i++) {
                const Row *row = find_row(top, i);
                g_autofree char *name = g_strdup_printf("%*s%s", (int) row->depth * 2, "", row->unit->name);
                Unit *unit = g_memdup2(row->unit, sizeof(*row->unit));

                unit->name = g_string_chunk_insert(names, name);
                g_ptr_array_add(units, unit);
        }
        units_print(&top->options, units);
        (void) fflush(stdout);
}

static int run_batch(Top *top) {
        int r;

        while (!is_over(top)) {
                gint64 rest;

                r = look(top);
                if (r < 0) {
                        g_printerr("mymem: %s\n", top->message);
                        return exit_code_from_error(r);
                }
                if (top->n_looks > 1)
                        putchar('\n');
                print_batch(top);
                if (ferror(stdout))
                        return EXIT_CODE_FAILURE;
                rest = is_over(top) ? 0 : top->look_at_usec - g_get_monotonic_time();
                if (rest > 0)
                        g_usleep((gulong) rest);
        }

        return EXIT_CODE_OK;
}

static Top top = { 0 };
static char **arg_types = NULL;
static char *arg_delay = NULL;
static char *arg_iterations = NULL;
static gboolean arg_batch = FALSE;
static gboolean arg_help = FALSE;
static gboolean arg_version = FALSE;

static const GOptionEntry entries[] = {
        { "delay", 'd', 0, G_OPTION_ARG_STRING, &arg_delay, NULL, NULL },
        { "iterations", 'n', 0, G_OPTION_ARG_STRING, &arg_iterations, NULL, NULL },
        { "batch", 'b', 0, G_OPTION_ARG_NONE, &arg_batch, NULL, NULL },
        { "sort", 0, 0, G_OPTION_ARG_STRING, &top.options.sort, NULL, NULL },
        { "reverse", 'r', 0, G_OPTION_ARG_NONE, &top.options.reverse, NULL, NULL },
        { "tree", 0, 0, G_OPTION_ARG_NONE, &top.arrangement.is_tree, NULL, NULL },
        { "type", 't', 0, G_OPTION_ARG_STRING_ARRAY, &arg_types, NULL, NULL },
        { "user", 0, 0, G_OPTION_ARG_NONE, &top.options.user, NULL, NULL },
        { "bytes", 0, 0, G_OPTION_ARG_NONE, &top.options.bytes, NULL, NULL },
        { "no-legend", 0, 0, G_OPTION_ARG_NONE, &top.options.no_legend, NULL, NULL },
        { "direct", 0, 0, G_OPTION_ARG_NONE, &top.options.direct, NULL, NULL },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &top.options.verbose, NULL, NULL },
        { "sysroot", 0, 0, G_OPTION_ARG_FILENAME, &top.options.sysroot, NULL, NULL },
        { "host", 'H', 0, G_OPTION_ARG_STRING, &top.options.host, NULL, NULL },
        { "machine", 'M', 0, G_OPTION_ARG_STRING, &top.options.machine, NULL, NULL },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &arg_help, NULL, NULL },
        { "version", 0, 0, G_OPTION_ARG_NONE, &arg_version, NULL, NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &top.patterns, NULL, NULL },
        G_OPTION_ENTRY_NULL,
};

static gboolean parse_arguments(char **argv) {
        guint64 iterations = 0;
        const char *wrong;

        if (!command_line_parse(entries, argv) ||
            !command_line_parse_count("iterations", arg_iterations, G_MAXUINT, &iterations) ||
            !command_line_parse_span("delay", arg_delay, &top.options.delay_usec) ||
            !command_line_agrees(&top.options))
                return FALSE;
        top.options.iterations = (guint) iterations;

        if (!units_order_find(top.options.sort ? top.options.sort : "percent", &top.arrangement.order))
                return command_line_complain("sort", UNITS_ORDERS, top.options.sort);
        top.arrangement.order.reverse = top.options.reverse;

        top.options.types = command_line_split(arg_types);
        wrong = units_find_wrong_type(top.options.types);
        return !wrong || command_line_complain("type", UNITS_TYPES, wrong);
}

int main(int argc, char **argv) {
        (void) argc;

        setlocale(LC_ALL, "");
        if (!parse_arguments(argv))
                return EXIT_CODE_USAGE;
        if (arg_help) {
                fputs(help, stdout);
                return EXIT_CODE_OK;
        }
        if (arg_version) {
                puts("mymem " MYMEM_VERSION);
                return EXIT_CODE_OK;
        }

        if (top.options.delay_usec == 0)
                top.options.delay_usec = DELAY_USEC;
        top.filter = g_string_new(NULL);
        top.histories = histories_new();
        top.units = g_ptr_array_new();
        if (has_terminal() && !arg_batch)
                return run_live(&top);

        if (top.options.iterations == 0 && !arg_batch)
                top.options.iterations = 1;
        return run_batch(&top);
}
