/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json.h"

/* The verb `show`: properties for scripts. */

typedef struct ShowOptions {
        char **properties; /* names to show, NULL for all */
        JsonMode json;
        gboolean direct;
        const char *sysroot; /* NULL for the machine we run on */
} ShowOptions;

/* Shows the targets, oneself if there are none; an error of one does not keep the others back. Returns the
 * exit code of the first error, or 0. */
int show(const ShowOptions *options, char **targets);
