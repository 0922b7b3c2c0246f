/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "janitor.h"

/* A directory for a socket named "bus" and what goes with it, removed also when the test dies. Everybody may
 * enter: callers of other users come in here too. */

typedef struct Directory {
        char *path;
        char *address; /* of the socket, as D-Bus writes it */
        Janitor janitor;
} Directory;

void directory_make(Directory *directory);
void directory_remove(Directory *directory);

/* Makes the socket and listens at it. */
int directory_listen(const Directory *directory, int flags);
