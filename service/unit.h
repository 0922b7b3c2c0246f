/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service.h"

/* The objects below /org/mymem1/unit, which mirror the tree of control groups, and /org/mymem1/self: the
 * interface org.mymem1.Unit. The userdata of its members is the Snapshot of the object, taken once per
 * message. */

/* Add the object /org/mymem1/self, and all others, to the connection. */
int unit_attach_self(Service *service, sd_bus *bus);
int unit_attach_tree(Service *service, sd_bus *bus);

/* Whether the answer to a method call depends on who sent it; as manager_needs_caller(). */
bool unit_needs_caller(sd_bus_message *message);
