/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

/* Whether the bus hears us. dbus-daemon does not read from a client as long as 64 descriptors, or 127 MiB,
 * of what it sent wait for others to read them. So one client that asks, and does not read, can keep what we
 * say from all others, for as long as it likes; all that helps is to leave the bus and to join it anew. */

typedef struct Hearing Hearing;

typedef int (*HearingLost)(void *userdata);

/* Calls 'lost' when, of all that we have sent on 'bus', over the socket 'fd', nothing was taken for a
 * second.
 */
Hearing *hearing_new(sd_event *event, sd_bus *bus, int fd, HearingLost lost, void *userdata);
Hearing *hearing_free(Hearing *hearing);

/* A message has come, and will be answered. */
int hearing_note(Hearing *hearing);
