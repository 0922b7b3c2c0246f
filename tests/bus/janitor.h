/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Somebody who cleans up after the test, also when it dies: a process that waits for that. */

typedef struct Janitor {
        pid_t pid;
        int fd;
} Janitor;

/* Hires one that will call clean(data). */
void janitor_hire(Janitor *janitor, bool (*clean)(const void *data), const void *data);

/* Has it clean up now, which must succeed. */
void janitor_dismiss(Janitor *janitor);
