/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "caller.h"
#include "moment.h"
#include "service.h"

/* Takes hold of the process at the other end of 'fd', a connection to the socket: the one that connected it,
 * as the kernel tells it. Where that tells no more than a number, the process must have been there at the
 * moment '*accepted', which is set to now if it is MOMENT_NONE. Returns 0, or what caller_identify()
 * returns; -ESRCH if the process has ended, -ERROR_UNKNOWN_CALLER if the number is another user's by now. */
int peer_process_find(Service *service, int fd, Moment *accepted, Caller *caller);
