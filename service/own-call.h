/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* Whether a call is about the caller itself: no others are answered on the socket. */
bool own_call_is(sd_bus_message *message);
