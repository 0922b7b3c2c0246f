/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* One end of a connection, both of which are in this process: nothing happens but by its turns. */

/* Makes an end of a socket, which it takes; it is still to be started. */
sd_bus *end_new(int fd, bool is_server);

/* sd-bus has made the socket's buffer as large as it may, and so as large as the user who runs the test may.
 * This comes after the start. */
void end_set_buffer(sd_bus *end, int size);

/* Reads and writes all that can be. */
void end_turn(sd_bus *end);
