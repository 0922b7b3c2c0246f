/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* Another program, run to its end and listened to, with a bound on the time it may take. */

#define COMMAND_TEXT_MAX 16384

typedef struct Command {
        int status;                  /* its exit status, or -1 if it did not exit by itself */
        char text[COMMAND_TEXT_MAX]; /* what it wrote to both outputs */
} Command;

/* Starts 'argv' so that it dies with this process; 'variable' (NAME=value, or NULL) is added to its
 * environment and the descriptor 'keep' (or -1) is handed down under its own number. Ends the test program
 * if it cannot. */
pid_t command_start(const char *const argv[], const char *variable, int keep);

/* Runs 'argv' and waits for it. Works in the forked children too, hence no GLib main loop. */
void command_run(const char *const argv[], Command *ret);
