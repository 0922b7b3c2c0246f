/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Closing descriptors that others have made. That can take as long as they please: a TCP socket with
 * SO_LINGER waits for its other end, a file for whoever serves its file system. So it is done by a thread,
 * which does nothing else; what waits for it is still open, and counts as such. */

/* Starts the thread, if it does not run yet; it lives as long as the process. Without it descriptors are
 * closed at once. */
void closer_start(void);

void closer_close(const int *fds, size_t n);

/* Whether it has more to close than it should: something takes its time. Whoever brings descriptors has to
 * wait then. */
bool closer_is_behind(void);
