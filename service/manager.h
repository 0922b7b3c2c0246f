/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* The object /org/mymem1: the interface org.mymem1.Manager. The userdata of its members is the Service. */

extern const sd_bus_vtable manager_vtable[];

/* The members of it that speak of the caller's own unit. */
extern const sd_bus_vtable manager_own_vtable[];

/* Whether the answer to a method call depends on who sent it. One with wrong arguments gets the same answer
 * whoever sent it. */
bool manager_needs_caller(sd_bus_message *message);
