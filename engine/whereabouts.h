/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

/* Which control groups a process was in when somebody last looked, and whether it has been moved since. */

typedef struct Whereabouts {
        int fd;     /* /proc/PID/cgroup, kept open; -1 for nowhere */
        char *text; /* what stood there */
        size_t n_lines;
} Whereabouts;

#define WHEREABOUTS_NONE ((Whereabouts) { .fd = -1 })

/* Looks into 'fd', which it takes. Returns 0, -EFBIG for more than 16 KiB, -ESRCH if the process is gone,
 * -ENOMEM, or what the kernel gave. */
int whereabouts_take(int fd, Whereabouts *ret);

/* The same of a file that was read already; 'text' is taken as well. */
Whereabouts whereabouts_from(int fd, char *text);

/* Whether it still is as it was: 1, 0, -ESRCH if the process has ended (the file does not come to mean
 * another one), -ENOMEM, or what the kernel gave. */
int whereabouts_hold(const Whereabouts *whereabouts);

void whereabouts_done(Whereabouts *whereabouts);
