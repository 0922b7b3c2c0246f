/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "command-line.h"
#include "exit-code.h"
#include "program.h"
#include "verbs.h"

/* The command `mymem`: options, and which verb is meant. */

static const char help[] =
        "mymem [OPTION...] COMMAND [TARGET...]    How much memory does a unit have?\n"
        "\n"
        "Commands:  status (default)   one screen for people   -n, -d: again and again\n"
        "           show               properties for scripts  -P NAME: the value alone\n"
        "           explain            which group binds, and how to change it\n"
        "           list [PATTERN...]  units   -t --type=TYPE --sort=FIGURE -r --reverse\n"
        "           top [PATTERN...]   units, live\n"
        "           meminfo            in the form of /proc/meminfo\n"
        "           fit SIZE           how many of that size   --reserve=SIZE|N% --max=N\n"
        "           wait               until --available-below=, --usage-above=,\n"
        "                              --working-set-above=, --limit-change; --timeout=\n"
        "           metrics [UNIT...]  for Prometheus  --format=openmetrics --output=FILE\n"
        "           run -- COMMAND...  and say how much it took    see `mymem run --help`\n"
        "\n"
        "Targets:   a unit, a pattern of units, a PID, a /control/group; or oneself\n"
        "\n"
        "  -P --property=NAME[,NAME]    -b --bytes           --user  one's own units\n"
        "     --json=pretty|short|off      --no-legend    -H --host=[USER@]HOST\n"
        "  -n --iterations=N            -v --verbose      -M --machine=CONTAINER\n"
        "  -d --delay=SECONDS              --direct  never ask the service\n"
        "  -h --help, --version            --sysroot=DIR  a captured machine\n"
        "\n"
        "See mymem(1) and org.mymem1(5).\n";

static Options arg = { 0 };
static char **arg_properties = NULL;
static char **arg_types = NULL;
static char *arg_json = NULL;
static char *arg_delay = NULL;
static char *arg_iterations = NULL;
static char *arg_max = NULL;
static char *arg_timeout = NULL;
static char *arg_format = NULL;
static gboolean arg_help = FALSE;
static gboolean arg_version = FALSE;
static char **arg_words = NULL; /* the verb and its targets */

static const GOptionEntry entries[] = {
        { "property", 'P', 0, G_OPTION_ARG_STRING_ARRAY, &arg_properties, NULL, NULL },
        { "json", 0, 0, G_OPTION_ARG_STRING, &arg_json, NULL, NULL },
        { "bytes", 'b', 0, G_OPTION_ARG_NONE, &arg.bytes, NULL, NULL },
        { "no-legend", 0, 0, G_OPTION_ARG_NONE, &arg.no_legend, NULL, NULL },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &arg.verbose, NULL, NULL },
        { "direct", 0, 0, G_OPTION_ARG_NONE, &arg.direct, NULL, NULL },
        { "user", 0, 0, G_OPTION_ARG_NONE, &arg.user, NULL, NULL },
        { "sysroot", 0, 0, G_OPTION_ARG_FILENAME, &arg.sysroot, NULL, NULL },
        { "host", 'H', 0, G_OPTION_ARG_STRING, &arg.host, NULL, NULL },
        { "machine", 'M', 0, G_OPTION_ARG_STRING, &arg.machine, NULL, NULL },
        { "iterations", 'n', 0, G_OPTION_ARG_STRING, &arg_iterations, NULL, NULL },
        { "delay", 'd', 0, G_OPTION_ARG_STRING, &arg_delay, NULL, NULL },
        { "sort", 0, 0, G_OPTION_ARG_STRING, &arg.sort, NULL, NULL },
        { "reverse", 'r', 0, G_OPTION_ARG_NONE, &arg.reverse, NULL, NULL },
        { "type", 't', 0, G_OPTION_ARG_STRING_ARRAY, &arg_types, NULL, NULL },
        { "reserve", 0, 0, G_OPTION_ARG_STRING, &arg.reserve, NULL, NULL },
        { "max", 0, 0, G_OPTION_ARG_STRING, &arg_max, NULL, NULL },
        { "available-below", 0, 0, G_OPTION_ARG_STRING, &arg.available_below, NULL, NULL },
        { "usage-above", 0, 0, G_OPTION_ARG_STRING, &arg.usage_above, NULL, NULL },
        { "working-set-above", 0, 0, G_OPTION_ARG_STRING, &arg.working_set_above, NULL, NULL },
        { "limit-change", 0, 0, G_OPTION_ARG_NONE, &arg.limit_change, NULL, NULL },
        { "timeout", 0, 0, G_OPTION_ARG_STRING, &arg_timeout, NULL, NULL },
        { "format", 0, 0, G_OPTION_ARG_STRING, &arg_format, NULL, NULL },
        { "output", 0, 0, G_OPTION_ARG_FILENAME, &arg.output, NULL, NULL },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &arg_help, NULL, NULL },
        { "version", 0, 0, G_OPTION_ARG_NONE, &arg_version, NULL, NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arg_words, NULL, NULL },
        G_OPTION_ENTRY_NULL,
};

/* Options that only some verbs take. */
typedef enum Takes {
        TAKES_JSON = 1 << 0,
        TAKES_PROPERTIES = 1 << 1,
        TAKES_NO_LEGEND = 1 << 2,
        TAKES_REPETITION = 1 << 3,
        TAKES_ORDER = 1 << 4, /* and which types */
        TAKES_WORKERS = 1 << 5,
        TAKES_CONDITIONS = 1 << 6,
        TAKES_EXPOSITION = 1 << 7,
} Takes;

typedef struct Verb {
        const char *name;
        int (*run)(const Options *options, char **words);
        unsigned takes;
} Verb;

static const Verb verbs[] = {
        { "status", status, TAKES_JSON | TAKES_PROPERTIES | TAKES_REPETITION }, /* without a word, too */
        { "show", show, TAKES_JSON | TAKES_PROPERTIES },
        { "explain", explain, TAKES_JSON | TAKES_NO_LEGEND },
        { "list", list, TAKES_JSON | TAKES_NO_LEGEND | TAKES_ORDER },
        { "meminfo", meminfo, 0 },
        { "fit", fit, TAKES_WORKERS },
        { "wait", wait_until, TAKES_CONDITIONS },
        { "metrics", metrics, TAKES_EXPOSITION },
};

/* An option whose argument may be left out would take the target for it. */
static void complete_json_option(char **arguments) {
        for (char **argument = arguments; *argument && !g_str_equal(*argument, "--"); argument++)
                if (g_str_equal(*argument, "--json")) {
                        g_free(*argument);
                        *argument = g_strdup(isatty(STDOUT_FILENO) ? "--json=pretty" : "--json=short");
                }
}

static gboolean parse_values(void) {
        guint64 iterations = 0;

        if (arg_json && !json_mode_from_string(arg_json, &arg.json))
                return command_line_complain("json", "pretty, short or off", arg_json);
        if (arg_format && !exposition_format_from_string(arg_format, &arg.format))
                return command_line_complain("format", "prometheus or openmetrics", arg_format);
        if (!command_line_parse_count("iterations", arg_iterations, G_MAXUINT, &iterations) ||
            !command_line_parse_count("max", arg_max, G_MAXUINT64, &arg.max) ||
            !command_line_parse_span("delay", arg_delay, &arg.delay_usec) ||
            !command_line_parse_span("timeout", arg_timeout, &arg.timeout_usec))
                return FALSE;

        arg.iterations = (guint) iterations;
        if (!command_line_agrees(&arg))
                return FALSE;

        arg.properties = command_line_split(arg_properties);
        arg.types = command_line_split(arg_types);
        return TRUE;
}

/* An option that would have no effect is a mistake: who gave it expects one. */
static gboolean check_taken(const Verb *verb) {
        const struct {
                const char *option;
                unsigned takes;
                gboolean is_given;
        } given[] = {
                { "--json=", TAKES_JSON, arg_json != NULL },
                { "--property=", TAKES_PROPERTIES, arg_properties != NULL },
                { "--no-legend", TAKES_NO_LEGEND, arg.no_legend },
                { "--iterations=", TAKES_REPETITION, arg_iterations != NULL },
                { "--delay=", TAKES_REPETITION, arg_delay != NULL },
                { "--sort=", TAKES_ORDER, arg.sort != NULL },
                { "--reverse", TAKES_ORDER, arg.reverse },
                { "--type=", TAKES_ORDER, arg_types != NULL },
                { "--reserve=", TAKES_WORKERS, arg.reserve != NULL },
                { "--max=", TAKES_WORKERS, arg_max != NULL },
                { "--available-below=", TAKES_CONDITIONS, arg.available_below != NULL },
                { "--usage-above=", TAKES_CONDITIONS, arg.usage_above != NULL },
                { "--working-set-above=", TAKES_CONDITIONS, arg.working_set_above != NULL },
                { "--limit-change", TAKES_CONDITIONS, arg.limit_change },
                { "--timeout=", TAKES_CONDITIONS, arg_timeout != NULL },
                { "--format=", TAKES_EXPOSITION, arg_format != NULL },
                { "--output=", TAKES_EXPOSITION, arg.output != NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(given); i++)
                if (given[i].is_given && !(verb->takes & given[i].takes)) {
                        g_printerr("mymem: %s does not go with '%s'.\n", given[i].option, verb->name);
                        return FALSE;
                }

        return TRUE;
}

/* NULL if there is no such verb. */
static const Verb *find_verb(const char *name) {
        for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
                if (g_str_equal(name, verbs[i].name))
                        return &verbs[i];

        return NULL;
}

static int run(char **argv) {
        g_auto(GStrv) arguments = g_strdupv(argv);
        const Verb *verb;

        if (argv[1] && program_is_known(argv[1]))
                return program_start(argv + 1);

        complete_json_option(arguments);
        if (!command_line_parse(entries, arguments) || !parse_values())
                return EXIT_CODE_USAGE;
        if (command_line_informs(arg_help ? help : NULL, arg_version))
                return EXIT_CODE_OK;

        if (arg_words && program_is_known(arg_words[0])) {
                g_printerr("mymem: Options go behind '%s'.\n", arg_words[0]);
                return EXIT_CODE_USAGE;
        }
        verb = arg_words ? find_verb(arg_words[0]) : &verbs[0];
        if (!verb) {
                g_printerr("mymem: There is no command '%s'; `mymem --help` lists them.\n", arg_words[0]);
                return EXIT_CODE_USAGE;
        }
        if (!check_taken(verb))
                return EXIT_CODE_USAGE;

        return verb->run(&arg, arg_words ? arg_words + 1 : NULL);
}

int main(int argc, char **argv) {
        int exit_code;

        (void) argc;

        /* What is printed depends on no more of it; each category is a file to be found and mapped. */
        setlocale(LC_CTYPE, "");
        setlocale(LC_MESSAGES, "");
        exit_code = run(argv);

        /* A full disk or a closed pipe is a failure too. */
        if (fflush(stdout) < 0 || ferror(stdout)) {
                g_printerr("mymem: Cannot write: %s\n", g_strerror(errno));
                exit_code = EXIT_CODE_FAILURE;
        }

        return exit_code;
}
