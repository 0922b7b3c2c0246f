/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where a bus is. */

/* Connects to the bus at an address of D-Bus, or to the system bus if it is NULL, without waiting. Of the
 * transports there are only sockets of this machine will do: over others nobody says which process is
 * calling. Returns the descriptor; -EINVAL if there is none of these in the address; or what went wrong with
 * the last of them. */
int bus_address_connect(const char *address);
