/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Runs a program to its end, which is bounded; 'arguments' begin with its name and end with NULL. Returns
 * its exit status, -1 if a signal ended it. 'ret_output' and 'ret_complaint' are what it wrote to stdout and
 * stderr, to be freed with g_free(); either may be NULL, and is then thrown away. */
int command_run(const char *const *arguments, char **ret_output, char **ret_complaint);

/* What a program writes to stdout that must succeed and have nothing to complain of. */
char *command_output(const char *const *arguments);

/* The arguments of both, in place. */
#define COMMAND(...) ((const char *const[]) { __VA_ARGS__, NULL })
