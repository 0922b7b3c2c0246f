/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "caller.h"
#include "moment.h"
#include "service.h"

/* The process at the other end of 'fd', a connection to the socket: the one that connected it, as the kernel
 * tells it. */

/* Takes hold of it as soon as it has connected: of a descriptor of it in '*pidfd', or where the kernel tells
 * no more than a number, of the moment, in '*accepted', unless that is known already. Returns 0, or an
 * error: -ESRCH if the process has ended. */
int peer_process_hold(Service *service, int fd, Moment *accepted, int *pidfd);

/* Finds out who it is, which takes longer. What is not held yet is so first. A number counts only if the
 * process that has it was there at that moment. Returns 0, or what caller_identify() returns; -ESRCH if the
 * process has ended, -ERROR_UNKNOWN_CALLER if the number is another user's by now. */
int peer_process_find(Service *service, int fd, Moment *accepted, int *pidfd, Caller *caller);
