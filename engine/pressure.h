/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* Pressure stall information of memory: the lines of memory.pressure, Documentation/accounting/psi.rst. */

typedef struct PressureLine {
        double average10; /* percent of the last 10 s in which tasks waited for memory; NaN if not known */
        double average60;
        double average300;
        uint64_t total; /* µs since the group was made; SIZE_UNKNOWN if not known */
} PressureLine;

typedef struct Pressure {
        PressureLine some; /* at least one task waited */
        PressureLine full; /* all tasks waited */
} Pressure;

/* What stands where the kernel does not say. */
void pressure_unknown(Pressure *ret);

/* Reads the text of memory.pressure. Returns 0 or -EBADMSG, -ERANGE. */
int pressure_parse(const char *text, Pressure *ret);
