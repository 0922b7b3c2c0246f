/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "process.h"

/* Which process a connection belongs to, as the bus driver's GetConnectionCredentials tells. */

/* The moment, in clock ticks since boot, as start times of processes are. */
uint64_t credentials_now_ticks(void);

/* Finds the process that the driver's reply is about, which was asked for at 'asked_ticks'. '*ret_pidfd'
 * holds it, or is -1 on a kernel without such descriptors; both are for the caller to close. Returns 0,
 * -ESRCH if the process has ended, -ERROR_UNKNOWN_CALLER if the driver does not know or say which it is, or
 * what the kernel gave. */
int credentials_open(
        Machine *machine, sd_bus_message *reply, uint64_t asked_ticks, Process *ret_process, int *ret_pidfd);
