/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "chain.h"
#include "process.h"
#include "unit-name.h"

/* Whom figures are about: a process or a control group, with its unit and all the control groups that bind
 * it. */

typedef struct Subject {
        Chain chain;
        UnitNames unit;
        uint64_t *max;  /* own limits, of each group of the chain */
        uint64_t above; /* the limit above the top of what can be seen, which v1 tells of; or SIZE_UNLIMITED
                         */
        uint64_t physical; /* the machine's RAM */
        size_t unit_group; /* of a process, which group of the chain is its unit's, as far as the memory
                            * hierarchy has one; of a group itself */
        size_t reported;   /* which group of the chain usage, working set and statistics are of: of a process
                            * its unit's, or the one that sets the limit, if that lies below the unit; of a
                            * group itself */
} Subject;

/* An effective figure and who sets it. 'by' points into the subject: the path of a control group, "/" for
 * the top of what can be seen, "" if nothing sets it. */
typedef struct Effective {
        uint64_t value;
        const char *by;
} Effective;

int subject_open_process(Machine *machine, const Process *process, Subject *ret);

/* What -ENODATA means of a process. Returns 1 if truly nothing can limit its memory: no hierarchy has it, or
 * no group from its own up to the true root has memory files; then '*ret_unit' is its unit, "" if it is in
 * none, for the caller to free. Returns 0 if a limit may exist that cannot be seen from here; or an error.
 */
int subject_is_unaccounted(Machine *machine, const Process *process, char **ret_unit);

/* The group 'path' of the memory hierarchy. -ENOENT if there is no such group. */
int subject_open_group(Machine *machine, const char *path, Subject *ret);

/* The unit whose control group is 'path' in the hierarchy that systemd manages, "/" for the root slice; on
 * v1 memory may be accounted for further up. -ENOENT if there is no such group. */
int subject_open_unit(Machine *machine, const char *path, Subject *ret);

/* Whether a process that is in these groups is where 'subject' was opened for it. */
bool subject_is_of(const Subject *subject, const Membership *membership);

/* Of a process, after its limits were read again: 'statistics' are the innermost group's if the top is not
 * the machine. False if it is another group now that is reported. */
bool subject_update(Subject *subject, const Statistics *statistics);

void subject_done(Subject *subject);

const ControlGroup *subject_group(const Subject *subject);

/* Whether the reported group is still there: files that not every kernel has are taken to be absent, and of
 * a group that is gone all are. 0, -ENODEV, or another error. */
int subject_check(Machine *machine, const Subject *subject);

/* The smallest hard limit, never more than the machine's RAM. */
Effective subject_limit(const Subject *subject);
