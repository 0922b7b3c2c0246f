/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "duration.h"
#include "run-options.h"
#include "setting.h"

#define INTERVAL_USEC UINT64_C(100000)
#define INTERVAL_LEAST_USEC UINT64_C(1000)
#define UNIT_NAME_MAX 255

const char run_options_help[] =
        "mymem run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
        "\n"
        "Runs a command in a scope of its own, and says how much memory it took.\n"
        "\n"
        "  -u --unit=NAME             the scope's name\n"
        "  -p --property=NAME=VALUE   a setting of it: MemoryMax=1G, MemoryHigh=80%, ...\n"
        "     --user                  in one's own user manager, also as root\n"
        "  -i --interval=TIME         between two samples, 0.1s\n"
        "     --plot=FILE.svg|.png    draw a picture\n"
        "     --csv=FILE              write the samples\n"
        "     --json[=pretty|short]   the report for programs\n"
        "  -o --output=FILE           write the report there and not to standard error\n"
        "  -b --bytes                 sizes in bytes\n"
        "  -h --help\n"
        "\n"
        "The exit status is the command's; 128 and the number of the signal that ended\n"
        "it; 127 if it is not found, 126 if it cannot be executed, 125 if this fails.\n";

enum {
        OPTION_USER = 0x100,
        OPTION_PLOT,
        OPTION_CSV,
        OPTION_JSON,
};

static const char short_options[] = "+u:p:i:o:bh";
static const struct option long_options[] = {
        { "unit", required_argument, NULL, 'u' },
        { "property", required_argument, NULL, 'p' },
        { "user", no_argument, NULL, OPTION_USER },
        { "interval", required_argument, NULL, 'i' },
        { "plot", required_argument, NULL, OPTION_PLOT },
        { "csv", required_argument, NULL, OPTION_CSV },
        { "json", optional_argument, NULL, OPTION_JSON },
        { "output", required_argument, NULL, 'o' },
        { "bytes", no_argument, NULL, 'b' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
};

static gboolean complain(const char *option, const char *wanted, const char *got) {
        g_printerr("mymem: --%s= takes %s, not '%s'.\n", option, wanted, got);
        return FALSE;
}

static gboolean parse_setting(RunOptions *options, const char *text) {
        g_autofree char *message = NULL;
        Setting setting;

        if (!setting_parse(text, &setting, &message)) {
                g_printerr("mymem: %s\n", message);
                return FALSE;
        }

        g_array_append_val(options->settings, setting);
        return TRUE;
}

/* What systemd takes for a name: also what is a directory where we make the group. */
static gboolean parse_unit(RunOptions *options, const char *text) {
        static const char allowed[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
        static const char *const others[] = { ".service", ".slice",     ".socket", ".target",
                                              ".device",  ".mount",     ".timer",  ".swap",
                                              ".path",    ".automount", NULL };
        g_autofree char *name =
                g_str_has_suffix(text, ".scope") ? g_strdup(text) : g_strconcat(text, ".scope", NULL);

        for (const char *const *suffix = others; *suffix; suffix++)
                if (g_str_has_suffix(text, *suffix))
                        return complain("unit", "the name of a scope", text);
        if (name[0] == '.' || strlen(name) > UNIT_NAME_MAX || name[strspn(name, allowed)] != '\0')
                return complain("unit", "the name of a scope", text);

        g_free(options->unit);
        options->unit = g_steal_pointer(&name);
        return TRUE;
}

static gboolean parse_plot(RunOptions *options, const char *text) {
        if (!plot_format_from_name(text, &options->plot_format))
                return complain("plot", "a file that ends in .svg or .png", text);
        if (!plot_is_possible()) {
                g_printerr("mymem: --plot= is not possible: this mymem was built without cairo.\n");
                return FALSE;
        }

        options->plot = text;
        return TRUE;
}

static gboolean parse_json(RunOptions *options, const char *text) {
        options->is_json_plain = !text;
        return !text || json_mode_from_string(text, &options->json) ||
                complain("json", "pretty, short or off", text);
}

static gboolean parse_option(RunOptions *options, int option) {
        switch (option) {
        case 'u':
                return parse_unit(options, optarg);
        case 'p':
                return parse_setting(options, optarg);
        case OPTION_USER:
                options->user = TRUE;
                return TRUE;
        case 'i':
                return (duration_parse(optarg, &options->interval_usec) &&
                        options->interval_usec >= INTERVAL_LEAST_USEC) ||
                        complain("interval", "a time from 1ms up, as 0.5 or 10ms", optarg);
        case OPTION_PLOT:
                return parse_plot(options, optarg);
        case OPTION_CSV:
                options->csv = optarg;
                return TRUE;
        case OPTION_JSON:
                return parse_json(options, optarg);
        case 'o':
                options->output = optarg;
                return TRUE;
        case 'b':
                options->bytes = TRUE;
                return TRUE;
        case 'h':
                options->help = TRUE;
                return TRUE;
        default: /* getopt has said what is wrong */
                return FALSE;
        }
}

gboolean run_options_parse(int argc, char **argv, RunOptions *ret) {
        RunOptions options = { .interval_usec = INTERVAL_USEC };
        int option;

        options.settings = g_array_new(FALSE, FALSE, sizeof(Setting));
        g_array_set_clear_func(options.settings, (GDestroyNotify) setting_done);
        /* What follows the command's name is the command's. */
        while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) >= 0)
                if (!parse_option(&options, option)) {
                        run_options_done(&options);
                        return FALSE;
                }

        if (optind >= argc && !options.help) {
                g_printerr("mymem: What shall be run? Try `mymem run -- make`.\n");
                run_options_done(&options);
                return FALSE;
        }

        if (options.is_json_plain)
                options.json = isatty(STDERR_FILENO) && !options.output ? JSON_PRETTY : JSON_SHORT;
        options.arguments = argv + optind;
        *ret = options;
        return TRUE;
}

void run_options_done(RunOptions *options) {
        g_clear_pointer(&options->settings, g_array_unref);
        g_clear_pointer(&options->unit, g_free);
}
