/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

#include "scene.h"

/* Everything that the service can be asked, with the right answer, which the test reads from the kernel's
 * files itself. Who asks is in the scene's unit. */

typedef struct Ask {
        const char *name;
        /* Returns NULL if the answer was right, or the error's name. A wrong one ends the test. */
        const char *(*ask)(const Scene *scene, sd_bus *client);
        bool is_own;  /* also at the socket */
        bool is_kept; /* what was found is good for a second: it is not looked for again before */
} Ask;

extern const Ask asks[];
extern const size_t n_asks;
