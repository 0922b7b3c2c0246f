/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

/* Which process a connection belongs to, as the bus driver's GetConnectionCredentials tells. */

typedef struct Credentials {
        uint32_t pid; /* 0 if it was not said, or is of a PID namespace that is not below ours */
        int pidfd;    /* of the message; -1 if it was not said, as by buses before 2023 */
        uint32_t uid; /* UINT32_MAX if it was not said */
} Credentials;

/* Reads the driver's reply; -ERROR_UNKNOWN_CALLER if that is an error, or nonsense. */
int credentials_read(sd_bus_message *reply, Credentials *ret);
