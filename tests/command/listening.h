/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "directory.h"

/* The service, $MYMEM_SERVICE, on a socket of its own and on no bus. */

typedef struct Listening {
        Directory directory;
        char *variable; /* MYMEM_SOCKET=… */
        pid_t pid;
} Listening;

/* Returns when it takes connections. */
Listening *listening_start(void);

/* Ends it. */
void listening_stop(Listening *listening);
