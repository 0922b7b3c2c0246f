/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "fault.h"

/* A thread that sees each system call of a process below the filter before it is made, and lets it be made,
 * or meet the fault. It sees what the C library does of itself, too, and so does strace; but it needs no
 * ptrace(), and can read for the process. */

typedef struct Supervisor Supervisor;

/* Starts one, which waits for a process that gives the returned descriptor to filter_install(): it is not
 * closed when a program is executed. */
Supervisor *supervisor_new(Fault *fault, int *ret_fd);

/* Waits until the process waits for something to happen, or a moment has passed. */
void supervisor_settle(Supervisor *supervisor);

/* Whether the system call is one that waits for events. */
bool supervisor_is_wait(int number);

/* The process must have ended. */
void supervisor_free(Supervisor *supervisor);
