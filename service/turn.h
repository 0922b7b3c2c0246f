/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

/* An event source for work that is done piece by piece, in turns with everything else in the event loop. Of
 * several sources that are due, sd-event takes the one that has waited longest; but one that is deferred
 * counts as waiting since it was made, and would keep all others waiting until the work is done. */

/* Makes the source, which is off until somebody enables it; on, it calls 'handler' each time it is its turn.
 * Returns 0 or a negative errno. */
int turn_new(sd_event *event, sd_event_io_handler_t handler, void *userdata, sd_event_source **ret);
