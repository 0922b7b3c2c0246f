/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* From now on the system calls of the calling process, of its children, and of what they execute, wait for a
 * supervisor, see supervisor.h, that is at the other end of 'fd', which is closed. Left out are those that
 * manage memory, threads and the process's end; and close(), which closes whatever it returns. Returns 0 or
 * a negative errno. */
int filter_install(int fd);

/* Whether a process may do so here. */
bool filter_is_possible(void);
