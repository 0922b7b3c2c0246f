/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "answer.h"

/* What a command finds out about a target, with all that a person may want to know. */

typedef struct Inquiry {
        Answer answer;
        gboolean has_rlimits; /* the target is a PID, and 'Available' is never more than they allow */
        Rlimits rlimits;
} Inquiry;

/* Finds out: from the service, and reading here where that does not answer or shall not be asked; of a PID
 * the other way round. 'sysroot' is the directory of a captured machine, which no service knows of, or NULL.
 * Returns 0, or an error of machine.h with '*ret_message' a sentence that names what it is about; the caller
 * frees. */
int inquiry_make(
        const Target *target, gboolean direct, const char *sysroot, Inquiry *ret, char **ret_message);

void inquiry_done(Inquiry *inquiry);
