/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "answer.h"
#include "options.h"
#include "walk.h"

/* What a command finds out about a target, with all that a person may want to know. */

typedef struct Inquiry {
        Answer answer;
        gboolean has_rlimits; /* the target is a PID, and 'Available' is never more than they allow */
        Rlimits rlimits;
} Inquiry;

/* Finds out: from the service, and reading here where that does not answer or shall not be asked; of a PID
 * the other way round. With 'needs' ASK_CHAIN the snapshot has the levels of the chain. Returns 0, or an
 * error of machine.h with '*ret_message' a sentence that names what it is about; the caller frees. */
int inquiry_make(
        const Options *options, const Target *target, AskNeeds needs, Inquiry *ret, char **ret_message);

void inquiry_done(Inquiry *inquiry);

/* Opens the machine that the options name, to read it here. Returns and sets as above; '*ret' is set also on
 * failure if there was memory for it. */
int inquiry_open_machine(const Options *options, Machine **ret, char **ret_message);

/* Called with each unit that is read; what the group holds ends with the call. */
typedef void InquiryUnit(Machine *machine, const WalkGroup *group, void *userdata);

/* Reads all units of the machine that the options name; with WALK_NAMES those of the manager that they name.
 * Returns and sets as inquiry_make(). */
int inquiry_walk_units(
        const Options *options, WalkKind kind, InquiryUnit *tell, void *userdata, char **ret_message);

/* Says once, if the options want it, that the service did not answer and what that means. */
void inquiry_tell_direct(const Options *options);
