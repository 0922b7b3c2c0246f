/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "subject.h"

/* Whose memory a question is about. */

typedef enum TargetKind {
        TARGET_SELF,
        TARGET_PROCESS,       /* by its PID; as on the bus, 0 is oneself */
        TARGET_DESCRIPTOR,    /* by a pidfd */
        TARGET_CONTROL_GROUP, /* by its path */
        TARGET_UNIT,          /* of the system manager, by its name */
        TARGET_USER_UNIT,     /* of our own user manager; only we can find it, not the service */
} TargetKind;

typedef struct Target {
        TargetKind kind;
        uint32_t pid;
        int pidfd;        /* not owned */
        const char *name; /* the control group, or the unit's name with its suffix; not owned */
} Target;

/* Whether it is a process. */
bool target_is_process(const Target *target);

/* Finds the process of such a target; an error of process.h. */
int target_open_process(Machine *machine, const Target *target, Process *ret);

/* Finds what the figures are read of; an error of machine.h. */
int target_open_subject(Machine *machine, const Target *target, Subject *ret);
