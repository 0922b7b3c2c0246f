/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "machine.h"
#include "process.h"

/* The resource limits that bind one process's memory, setrlimit(2): they are its own and not its unit's.
 * Bytes. */

typedef struct Rlimits {
        uint64_t address_space;      /* soft RLIMIT_AS, or SIZE_UNLIMITED */
        uint64_t data;               /* soft RLIMIT_DATA, or SIZE_UNLIMITED */
        uint64_t address_space_used; /* VmSize */
        uint64_t data_used;          /* VmData */
} Rlimits;

/* Reads the texts of /proc/PID/limits and /proc/PID/status. A process without memory of its own uses none.
 * Return 0 or -EBADMSG, -ERANGE. */
int rlimits_parse_limits(const char *text, Rlimits *ret);
int rlimits_parse_status(const char *text, Rlimits *ret);

/* Reads a process's; -ENODATA where a captured machine does not hold the files. */
int rlimits_read(Machine *machine, const Process *process, Rlimits *ret);

/* Reads the calling process's. What it uses is looked at only where there is a limit, and is SIZE_UNKNOWN
 * where /proc does not tell; but without the means to ask it, that is an error. */
int rlimits_read_own(Rlimits *ret);

/* What a process's own limits leave to it, if that is less than 'available'. */
typedef enum RlimitsBound {
        RLIMITS_BIND_NOTHING,
        RLIMITS_BIND_ADDRESS_SPACE,
        RLIMITS_BIND_DATA,
} RlimitsBound;

/* Makes '*available' no more than they allow, and says which of them did so. */
RlimitsBound rlimits_bind(const Rlimits *rlimits, uint64_t *available);
