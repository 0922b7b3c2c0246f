/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Processes that do not outlive the test; and the end of others, children or not: asked for, and awaited
 * with a bound. */

/* fork(), but the child dies with its parent. */
pid_t process_fork(void);

/* True as soon as the process has ended (it may still be a zombie), false after the timeout. */
bool process_await(pid_t pid, int timeout_msec);

/* Ends the process and waits until it has. Does not reap. */
void process_kill(pid_t pid);

/* Ends a child and reaps it. Takes 0 for "there is none". */
void process_end_child(pid_t pid);

/* The letter of /proc/PID/task/TID/stat: 'R', 'S', 'Z'…, or 0 if there is no such task. */
int process_state(pid_t pid, pid_t tid);
