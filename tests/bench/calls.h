/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

/* The calls that are compared, as work for samples.h. The data is the connection. */

void call_ping(void *data);
void call_get_memory(void *data);
