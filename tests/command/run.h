/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One run of the command, $MYMEM_COMMAND, in an environment that does not depend on where the tests run:
 * UTF-8, no terminal, neither the socket nor the bus of the machine. What it does not end by itself, the
 * time that meson gives a test ends. */

typedef struct Run {
        char *line;    /* what was run, for messages */
        int exit_code; /* or 128 and the signal that ended it */
        char *out;
        char *err;
} Run;

/* 'variables' are NAME=VALUE to set, or NAME to unset, and may be NULL; 'arguments' are those behind the
 * command's name. Both end with NULL. */
Run *run_mymem(const char *const *variables, const char *const *arguments);

/* The same with bash, where the command is "$M". */
Run *run_bash(const char *const *variables, const char *script);

void run_free(Run *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Run, run_free)

/* The environment that they get; free with g_strfreev(). */
char **run_environment(const char *const *variables);

/* Lists of words in place, for both parameters. */
#define WORDS(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* Check how it ended. One that fails says what was run and what it said, and returns FALSE. */
gboolean run_check_exit(const Run *run, int exit_code);
gboolean run_check_out(const Run *run, const char *wanted);

/* It ended with 'exit_code', one line on stderr that holds 'word', and nothing on stdout. */
gboolean run_check_complaint(const Run *run, int exit_code, const char *word);

/* It ended well, and wrote nothing to stderr. */
gboolean run_check_well(const Run *run);
