/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* Which control groups a process is in: the lines of /proc/PID/cgroup that matter here, cgroups(7). */

typedef struct Membership {
        char *memory;  /* the path on the line of the v1 memory controller; NULL if there is none */
        char *unified; /* the path on the line "0::"; NULL if there is none */
        char *systemd; /* the path on the line "name=systemd"; NULL if there is none */
} Membership;

/* Reads the text of /proc/PID/cgroup. The order of its lines does not matter; a path may hold ':'.
 * Returns 0, -EBADMSG for a line that is not "ID:controllers:/path" or stands there twice, -ENOMEM. */
int membership_parse(const char *text, Membership *ret);

void membership_done(Membership *membership);

/* The path in the hierarchy whose memory controller accounts for the process: v1's line if there is one,
 * else the unified one; NULL if there is neither. */
const char *membership_memory_path(const Membership *membership);

/* The path on the line that systemd manages: name=systemd if there is one, else the unified one; NULL if
 * there is neither. */
const char *membership_systemd_path(const Membership *membership);
