/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The text of /proc/PID/stat, proc(5). */

typedef struct ProcessStat {
        bool is_dead;        /* a zombie, or on its way to be one: it has left its control groups */
        uint64_t start_time; /* clock ticks since boot */
} ProcessStat;

/* Returns 0 or -EBADMSG, -ERANGE. The name of the program, in brackets, may hold anything. */
int process_stat_parse(const char *text, ProcessStat *ret);
