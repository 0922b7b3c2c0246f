/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* What GetChain says of one group. */

typedef struct Level {
        const char *group, *unit; /* valid as long as the reply */
        uint64_t max, high, usage, working_set, available, swap;
} Level;

/* Asks an object for its chain. Returns the error's name, or NULL with the reply to read from. */
const char *level_ask(sd_bus *bus, const char *path, sd_bus_message **ret);

/* Reads the next one, innermost first; false if there is no more. */
bool level_next(sd_bus_message *reply, Level *ret);
