/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "options.h"

/* Command lines as `mymem` and the programs that it starts read them. What is wrong with one is printed. */

/* Reads the options; FALSE if one is not known, or lacks its argument. */
gboolean command_line_parse(const GOptionEntry *entries, char **argv);

/* Prints the help, or the version where there is none; whether anything was wanted. */
gboolean command_line_informs(const char *help, gboolean version);

/* Says that the option does not take what it got; FALSE always. */
gboolean command_line_complain(const char *option, const char *wanted, const char *got);

/* Reads the argument of an option: a number from 1 to 'most', a time. No text is no error. */
gboolean command_line_parse_count(const char *option, const char *text, guint64 most, guint64 *ret);
gboolean command_line_parse_span(const char *option, const char *text, guint64 *ret_usec);

/* The values of an option that may be given more than once, and with several words separated by commas; NULL
 * for none. The caller frees. */
char **command_line_split(char **values);

/* Whether what machine is asked about, and how, goes together. */
gboolean command_line_agrees(const Options *options);
