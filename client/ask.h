/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "snapshot.h"
#include "target.h"

/* Asking the service on the system bus. */

/* Asks for a target's snapshot, with one deadline of a second for all of it, whatever the other side does.
 * Returns 1 with the answer; 0 if nobody answered, so that one may read for oneself; or the service's own
 * final word, an error of machine.h, with its sentence in '*ret_message' for the caller to free. */
int ask_snapshot(const Target *target, Snapshot **ret, char **ret_message);
