/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/* A process that makes others, in its own control group and with the numbers that the test wants them to
 * have. Those do nothing but live until they are ended. */

typedef struct Nursery {
        pid_t pid;
        int channel;
} Nursery;

/* Starts it in 'group'. What it makes can connect to 'address'. */
void nursery_start(Nursery *nursery, const char *group, const char *address);
void nursery_stop(Nursery *nursery);

/* Makes a process and returns its number. */
pid_t nursery_bear(Nursery *nursery);

/* Makes one that connects, and hands its connection to the test. */
pid_t nursery_connect(Nursery *nursery, int *ret_fd);

/* Makes one with that number, which must be free; this needs a PID namespace of the test's own. If somebody
 * else gets the number first, returns the one that it got instead. */
pid_t nursery_bear_as(Nursery *nursery, pid_t number);

/* Ends one that it made: afterwards its number is free. */
void nursery_bury(Nursery *nursery, pid_t pid);
