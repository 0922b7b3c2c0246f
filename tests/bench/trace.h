/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* What a process asks of the kernel, as strace(1) sees it: never too little, and the same each time. */

typedef struct Trace {
        pid_t pid;
        char *path;
} Trace;

/* Returns when every call is seen. 'expression' is for strace's -e. Skips the test and returns NULL where
 * that is not allowed. */
Trace *trace_start(pid_t pid, const char *expression);

/* Ends it and returns what was seen, a line each. Free with g_free(). */
char *trace_stop(Trace *trace);
