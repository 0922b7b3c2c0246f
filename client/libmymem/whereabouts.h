/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Where this process was when somebody last looked: whether it is another one since, after a fork, or was
 * moved to other control groups. */

typedef struct Whereabouts {
        pid_t pid;
        int fd;     /* /proc/self/cgroup, kept open; -1 where there is none */
        char *text; /* what stood there */
} Whereabouts;

/* Looks. Where there is no /proc, only forks will be noticed. */
void whereabouts_take(Whereabouts *ret);

/* Whether it still is as it was. */
bool whereabouts_hold(const Whereabouts *whereabouts);

void whereabouts_done(Whereabouts *whereabouts);
