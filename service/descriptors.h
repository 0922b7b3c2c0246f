/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/* The descriptors that the process may have. At their end the bus connection would be lost, so what others
 * can make it hold stops before. */

/* How many this service wants to be allowed. */
#define DESCRIPTORS_WANTED 8192

/* Raises the limit to that, as far as it is let. Returns 0 or a negative errno. */
int descriptors_raise_limit(void);

/* Whether more than three quarters are in use. */
bool descriptors_are_scarce(void);

/* Whether it is one of a process, which takes no time to close. The kernel tells by the name that it gives
 * to these alone; nobody who serves a file system is asked, and no descriptor is needed for it. */
bool descriptors_is_of_process(int fd);
