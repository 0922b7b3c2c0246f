/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "rlimits.h"
#include "snapshot.h"
#include "target.h"

/* What is known of a target, and from where. */

typedef enum AnswerSource {
        ANSWER_BUS,    /* the service */
        ANSWER_CGROUP, /* read here */
} AnswerSource;

typedef struct Answer {
        Snapshot *snapshot;
        AnswerSource source;
        gboolean has_rlimits; /* the target is a process, and 'available' is never more than they allow */
        Rlimits rlimits;
} Answer;

/* Gets the answer: from the service, and read here where that does not answer or shall not be asked; of
 * another process the other way round. 'sysroot' is the directory of a captured machine, which no service
 * knows of, or NULL. Returns 0, or an error of machine.h with '*ret_message' a sentence that names what it
 * is about; the caller frees. */
int answer_get(const Target *target, gboolean direct, const char *sysroot, Answer *ret, char **ret_message);

void answer_done(Answer *answer);

const char *answer_source_to_string(AnswerSource source);
