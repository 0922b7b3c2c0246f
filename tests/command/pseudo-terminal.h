/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* The command on a terminal of its own. */

typedef struct PseudoTerminal {
        pid_t pid;
        int fd;
        GString *text; /* what was written there so far, with "\n" at the ends of lines */
} PseudoTerminal;

/* Starts it on a terminal of that many columns; the other parameters are those of run_mymem(). */
PseudoTerminal *pseudo_terminal_start(unsigned columns,
                                      const char *const *variables,
                                      const char *const *arguments);

/* The same with bash, where the command is "$M" and jobs are controlled as in a shell that somebody uses. */
PseudoTerminal *pseudo_terminal_start_bash(unsigned columns,
                                           const char *const *variables,
                                           const char *script);

/* Types the text. */
void pseudo_terminal_type(PseudoTerminal *terminal, const char *text);

/* Waits until 'part' was written 'n' times; FALSE if it ended without, or took too long. */
gboolean pseudo_terminal_saw(PseudoTerminal *terminal, const char *part, guint n);

/* Waits for its end, and returns its exit code, or 128 and the signal that ended it. */
int pseudo_terminal_wait(PseudoTerminal *terminal);

void pseudo_terminal_free(PseudoTerminal *terminal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PseudoTerminal, pseudo_terminal_free)
