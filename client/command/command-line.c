/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "command-line.h"
#include "duration.h"
#include "size.h"

/* Whether the letter is an option, and takes an argument. */
static gboolean takes_argument(const GOptionEntry *entries, char letter) {
        for (const GOptionEntry *entry = entries; entry->long_name; entry++)
                if (entry->short_name == letter)
                        return entry->arg != G_OPTION_ARG_NONE;

        return FALSE;
}

/* GLib wants the argument of a short option apart, "-n 2": everybody else takes "-n2", too. */
static char **split_short_options(const GOptionEntry *entries, char **argv) {
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        gboolean is_over = FALSE;

        for (char **argument = argv; *argument; argument++) {
                const char *letter = *argument;

                is_over |= g_str_equal(*argument, "--");
                if (!is_over && letter[0] == '-' && letter[1] != '-')
                        for (letter++; *letter != '\0' && !takes_argument(entries, *letter);)
                                letter++;
                if (is_over || letter == *argument || letter[0] == '\0' || letter[1] == '\0') {
                        g_strv_builder_add(builder, *argument);
                        continue;
                }

                g_autofree char *letters = g_strndup(*argument, (gsize) (letter + 1 - *argument));

                g_strv_builder_add_many(builder, letters, letter + 1, NULL);
        }

        return g_strv_builder_end(builder);
}

gboolean command_line_parse(const GOptionEntry *entries, char **argv) {
        g_autoptr(GOptionContext) context = g_option_context_new(NULL);
        g_auto(GStrv) arguments = split_short_options(entries, argv);
        g_autoptr(GError) error = NULL;

        g_option_context_set_help_enabled(context, FALSE);
        g_option_context_add_main_entries(context, entries, NULL);
        if (g_option_context_parse_strv(context, &arguments, &error))
                return TRUE;

        g_printerr("mymem: %s\n", error->message);
        return FALSE;
}

gboolean command_line_informs(const char *help, gboolean version) {
        if (help)
                fputs(help, stdout);
        else if (version)
                puts("mymem " MYMEM_VERSION);
        return help || version;
}

gboolean command_line_complain(const char *option, const char *wanted, const char *got) {
        g_printerr("mymem: --%s= takes %s, not '%s'.\n", option, wanted, got);
        return FALSE;
}

gboolean command_line_parse_count(const char *option, const char *text, guint64 most, guint64 *ret) {
        const char *cursor = text;

        if (!text || (size_scan(&cursor, ret) >= 0 && *cursor == '\0' && *ret > 0 && *ret <= most))
                return TRUE;

        return command_line_complain(option, "a number from 1 up", text);
}

gboolean command_line_parse_span(const char *option, const char *text, guint64 *ret) {
        if (!text || (duration_parse(text, ret) && *ret > 0))
                return TRUE;

        return command_line_complain(option, "a time, as 0.5, 10s or 5min", text);
}

char **command_line_split(char **values) {
        g_autofree char *joined = NULL;

        if (!values)
                return NULL;

        /* g_strsplit() would make no word of nothing at all, but an empty word is a mistake. */
        joined = g_strjoinv(",", values);
        if (*joined == '\0')
                return g_strdupv((char *[]) { joined, NULL });
        return g_strsplit(joined, ",", -1);
}

gboolean command_line_agrees(const Options *options) {
        if (options->host && options->machine) {
                g_printerr("mymem: --host= and --machine= do not go together.\n");
                return FALSE;
        }
        if ((options->host || options->machine) && (options->direct || options->sysroot || options->user)) {
                g_printerr("mymem: --direct, --sysroot= and --user are about this machine, "
                           "--host= and --machine= about another.\n");
                return FALSE;
        }

        return TRUE;
}
