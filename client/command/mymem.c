/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "exit-code.h"
#include "show.h"

/* The command `mymem`: options, and which verb is meant. */

static char **arg_properties = NULL;
static char *arg_json = NULL;
static gboolean arg_direct = FALSE;
static char *arg_sysroot = NULL;
static gboolean arg_version = FALSE;
static char **arg_words = NULL; /* the verb and its targets */

static const GOptionEntry entries[] = {
        { "property",
          'P',
          0,
          G_OPTION_ARG_STRING_ARRAY,
          &arg_properties,
          "Show only the value of this property",
          "NAME" },
        { "json", 0, 0, G_OPTION_ARG_STRING, &arg_json, "Show as JSON: pretty, short or off", "MODE" },
        { "direct",
          0,
          0,
          G_OPTION_ARG_NONE,
          &arg_direct,
          "Read the control groups, never ask the service",
          NULL },
        { "sysroot",
          0,
          0,
          G_OPTION_ARG_FILENAME,
          &arg_sysroot,
          "Read a machine captured below this directory",
          "DIR" },
        { "version", 0, 0, G_OPTION_ARG_NONE, &arg_version, "Show the version", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arg_words, NULL, NULL },
        G_OPTION_ENTRY_NULL,
};

/* An option whose argument may be left out would take the target for it. */
static void complete_json_option(char **arguments) {
        for (char **argument = arguments; *argument && !g_str_equal(*argument, "--"); argument++)
                if (g_str_equal(*argument, "--json")) {
                        g_free(*argument);
                        *argument = g_strdup(isatty(STDOUT_FILENO) ? "--json=pretty" : "--json=short");
                }
}

static gboolean parse_arguments(char **argv) {
        g_autoptr(GOptionContext) context = g_option_context_new("show [TARGET…]");
        g_auto(GStrv) arguments = g_strdupv(argv);
        g_autoptr(GError) error = NULL;

        complete_json_option(arguments);
        g_option_context_set_summary(
                context,
                "Tell how much memory a unit has: its limit, its usage, and what is available to it.\n\n"
                "A target is the name of a system unit, a PID, or a control group beginning with '/';\n"
                "without one it is oneself. `mymem show` lists all properties.");
        g_option_context_set_description(context, "See mymem(1) and org.mymem1(5).");
        g_option_context_add_main_entries(context, entries, NULL);

        if (g_option_context_parse_strv(context, &arguments, &error))
                return TRUE;

        g_printerr("mymem: %s\n", error->message);
        return FALSE;
}

/* -P may be given more than once, and with several names separated by commas. */
static char **split_properties(void) {
        g_autofree char *joined = NULL;

        if (!arg_properties)
                return NULL;

        /* g_strsplit() would make no name of nothing at all, but an empty name is a mistake. */
        joined = g_strjoinv(",", arg_properties);
        if (*joined == '\0')
                return g_strdupv((char *[]) { joined, NULL });
        return g_strsplit(joined, ",", -1);
}

static int run(char **argv) {
        g_auto(GStrv) properties = NULL;
        ShowOptions options;

        if (!parse_arguments(argv))
                return EXIT_CODE_USAGE;
        if (arg_version) {
                puts("mymem " MYMEM_VERSION);
                return EXIT_CODE_OK;
        }
        if (!arg_words) {
                g_printerr("mymem: What shall be shown? Try `mymem show`, or `mymem --help`.\n");
                return EXIT_CODE_USAGE;
        }
        if (!g_str_equal(arg_words[0], "show")) {
                g_printerr("mymem: There is no command '%s'; `mymem --help` lists them.\n", arg_words[0]);
                return EXIT_CODE_USAGE;
        }

        properties = split_properties();
        options = (ShowOptions) {
                .properties = properties, .json = JSON_OFF, .direct = arg_direct, .sysroot = arg_sysroot
        };
        if (arg_json && !json_mode_from_string(arg_json, &options.json)) {
                g_printerr("mymem: --json= takes pretty, short or off, not '%s'.\n", arg_json);
                return EXIT_CODE_USAGE;
        }

        return show(&options, arg_words + 1);
}

int main(int argc, char **argv) {
        int exit_code;

        (void) argc;

        setlocale(LC_ALL, "");
        exit_code = run(argv);

        /* A full disk or a closed pipe is a failure too. */
        if (fflush(stdout) < 0 || ferror(stdout)) {
                g_printerr("mymem: Cannot write: %s\n", g_strerror(errno));
                exit_code = EXIT_CODE_FAILURE;
        }

        g_strfreev(arg_properties);
        g_free(arg_json);
        g_free(arg_sysroot);
        g_strfreev(arg_words);
        return exit_code;
}
