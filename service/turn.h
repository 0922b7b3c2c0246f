/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-event.h>

/* An event source for work that is done piece by piece, in turns with everything else in the event loop. Of
 * several sources that are due, sd-event takes the one that has waited longest; but one that is deferred
 * counts as waiting since it was made, and would keep all others waiting until the work is done. */

/* Makes the source. When there is work, 'handler' is called each time it is its turn; what it returns must
 * not be an error. Returns 0 or a negative errno. */
int turn_new(sd_event *event, sd_event_io_handler_t handler, void *userdata, sd_event_source **ret);

/* There is work, or there is none any more, as in the beginning. The source is not switched on and off: if
 * the kernel refuses either, sd-event does not know any more which it is. If one of these fails, nothing has
 * changed. */
int turn_begin(sd_event_source *source);
int turn_end(sd_event_source *source);
