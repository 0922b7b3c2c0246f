/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "directory.h"

/* The program under test, $MYMEM_SERVICE, on a socket of its own and on no bus. */

typedef struct Server {
        Directory directory;
        char *path; /* of the socket */
        pid_t pid;
} Server;

/* Starts it, and returns when it takes connections. */
Server *server_start(void);

/* Starts it anew at the same place, after the test has killed it. */
void server_run(Server *server);

void server_stop(Server *server);
