/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>

/* Whose memory a command is about, as it stands on the command line. */

typedef enum TargetKind {
        TARGET_SELF,          /* nothing was said */
        TARGET_PROCESS,       /* digits: a PID */
        TARGET_CONTROL_GROUP, /* begins with a slash */
        TARGET_UNIT,          /* anything else: a unit of the system manager */
} TargetKind;

typedef struct Target {
        TargetKind kind;
        uint32_t pid;
        char *name; /* the control group, or the unit's name with its suffix */
} Target;

/* Reads one argument; NULL for oneself. A name without a unit's suffix gets ".service", as systemctl does
 * it. A number that no PID can be is read as one that no process has. */
Target target_parse(const char *argument);

void target_done(Target *target);
