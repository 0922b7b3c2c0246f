/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* A process that does nothing but be in a control group, so that the group and its figures are there for as
 * long as they are wanted, whatever becomes of the others in it. It is forked and not executed, before it is
 * put there, and only waits: hardly a page is charged to the group for it. Where we may, the kernel is told
 * to spare it when the group is out of memory. */

typedef struct Holder {
        pid_t pid;
        int fd; /* closed: it ends; and so it does if we do */
} Holder;

/* Starts it where we are. Returns 0 or an error of the kernel's. */
int holder_start(Holder *ret);

/* Ends it, and waits until it is gone. */
void holder_release(Holder *holder);
