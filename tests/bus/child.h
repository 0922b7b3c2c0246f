/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Processes that a test makes. None outlives the test, whatever becomes of it, and no wait is without a
 * bound. */

#define CHILD_PATIENCE_SEC 60

/* fork(), but the child dies with its parent. */
pid_t child_fork(void);

/* Asks for the child's death again, which a change of user takes back. */
void child_bind(pid_t parent);

/* Closes every descriptor beyond stderr but these: who outlives others must not keep theirs open. */
void child_keep(const int *fds, size_t n);

/* Waits until the child has ended and returns what waitpid() says of it. A child that does not end within
 * the bound is killed and fails the test. */
int child_wait(pid_t pid, unsigned seconds);

/* Ends the child as a service manager would; it must end by itself, with success, in time. */
void child_terminate(pid_t pid);

/* Ends the child with SIGKILL and takes it off the list of processes. */
void child_kill(pid_t pid);

/* Stops the process, and returns when it has stopped; SIGCONT lets it go on. */
void child_stop(pid_t pid);

/* Lets it go on, and returns when it waits for something again. */
void child_continue(pid_t pid);

/* Runs 'function' in a child, which must end well: a failed check in there fails the test. */
void child_run(void (*function)(void *data), void *data);

/* The same for one that may take that long. */
void child_run_for(void (*function)(void *data), void *data, unsigned seconds);

/* Reads one byte: what children and parents wait for of each other. False if the other side is gone. */
int child_hear(int fd);

/* Writes one byte for child_hear(). */
void child_tell(int fd);

/* pidfd_open() that must work. */
int child_pidfd(pid_t pid);
