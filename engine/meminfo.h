/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/* What /proc/meminfo says of the machine. Bytes. */

typedef struct Meminfo {
        uint64_t total;      /* MemTotal */
        uint64_t available;  /* MemAvailable (Linux 3.14) */
        uint64_t swap_total; /* SwapTotal; SIZE_UNKNOWN if absent */
        uint64_t swap_free;  /* SwapFree; SIZE_UNKNOWN if absent */
} Meminfo;

/* Reads the text of /proc/meminfo. Returns 0, -EBADMSG if MemTotal or MemAvailable is absent or one of the
 * wanted lines is not "Key: NUMBER kB", -ERANGE. */
int meminfo_parse(const char *text, Meminfo *ret);
