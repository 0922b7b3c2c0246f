/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* The command that is run: in our process group and on our terminal, as time(1) does it, so the shell's job
 * control is about both. */

typedef struct Command {
        pid_t pid;
        int go_fd;    /* it waits for a byte from here */
        int error_fd; /* and says here why it could not be executed */
        bool has_ended;
        int status; /* of waitpid() */
        struct rusage usage;
} Command;

/* Forks the process, which waits to be moved and started. 'mask' is the signal mask that it gets. */
int command_fork(char **arguments, const sigset_t *mask, Command *ret);

/* Has it execute the command. Returns 0, or the error with which that failed; then it has ended. */
int command_start(Command *command);

/* Whether it has ended. Does not wait. */
bool command_has_ended(Command *command);

/* Ends it before it was started. */
void command_cancel(Command *command);

/* What a shell would say: its exit status, or 128 and the signal. */
int command_exit_code(const Command *command);
