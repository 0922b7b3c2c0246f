/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>

#include "batch.h"
#include "command-line.h"
#include "exit-code.h"
#include "live.h"

/* mymem-top, which `mymem top` starts: every unit, live. */

#define DELAY_USEC (2 * G_USEC_PER_SEC)

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

static Overview arg = { 0 };
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
        { "sort", 0, 0, G_OPTION_ARG_STRING, &arg.options.sort, NULL, NULL },
        { "reverse", 'r', 0, G_OPTION_ARG_NONE, &arg.options.reverse, NULL, NULL },
        { "tree", 0, 0, G_OPTION_ARG_NONE, &arg.arrangement.is_tree, NULL, NULL },
        { "type", 't', 0, G_OPTION_ARG_STRING_ARRAY, &arg_types, NULL, NULL },
        { "user", 0, 0, G_OPTION_ARG_NONE, &arg.options.user, NULL, NULL },
        { "bytes", 0, 0, G_OPTION_ARG_NONE, &arg.options.bytes, NULL, NULL },
        { "no-legend", 0, 0, G_OPTION_ARG_NONE, &arg.options.no_legend, NULL, NULL },
        { "direct", 0, 0, G_OPTION_ARG_NONE, &arg.options.direct, NULL, NULL },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &arg.options.verbose, NULL, NULL },
        { "sysroot", 0, 0, G_OPTION_ARG_FILENAME, &arg.options.sysroot, NULL, NULL },
        { "host", 'H', 0, G_OPTION_ARG_STRING, &arg.options.host, NULL, NULL },
        { "machine", 'M', 0, G_OPTION_ARG_STRING, &arg.options.machine, NULL, NULL },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &arg_help, NULL, NULL },
        { "version", 0, 0, G_OPTION_ARG_NONE, &arg_version, NULL, NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &arg.patterns, NULL, NULL },
        G_OPTION_ENTRY_NULL,
};

static gboolean parse_arguments(char **argv) {
        guint64 iterations = 0;
        const char *wrong;

        if (!command_line_parse(entries, argv) ||
            !command_line_parse_count("iterations", arg_iterations, G_MAXUINT, &iterations) ||
            !command_line_parse_span("delay", arg_delay, &arg.options.delay_usec) ||
            !command_line_agrees(&arg.options))
                return FALSE;
        arg.options.iterations = (guint) iterations;

        if (!units_order_find(arg.options.sort ? arg.options.sort : "percent", &arg.arrangement.order))
                return command_line_complain("sort", UNITS_ORDERS, arg.options.sort);
        arg.arrangement.order.reverse = arg.options.reverse;

        arg.options.types = command_line_split(arg_types);
        wrong = units_find_wrong_type(arg.options.types);
        return !wrong || command_line_complain("type", UNITS_TYPES, wrong);
}

int main(int argc, char **argv) {
        (void) argc;

        setlocale(LC_ALL, "");
        if (!parse_arguments(argv))
                return EXIT_CODE_USAGE;
        if (command_line_informs(arg_help ? help : NULL, arg_version))
                return EXIT_CODE_OK;

        if (arg.options.delay_usec == 0)
                arg.options.delay_usec = DELAY_USEC;
        overview_begin(&arg);
        if (live_is_possible() && !arg_batch)
                return live_run(&arg);

        if (arg.options.iterations == 0 && !arg_batch)
                arg.options.iterations = 1;
        return batch_run(&arg);
}
