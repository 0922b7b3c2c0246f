/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "figure.h"
#include "slice.h"

/* What most tests need to see: a unit in a limited slice, and in the unit a process that holds memory. */

#define SCENE_SLICE_LIMIT (128 * MIB)
#define SCENE_UNIT_LIMIT (96 * MIB)
#define SCENE_ANONYMOUS (24 * MIB)
#define SCENE_CACHE (12 * MIB)

typedef struct Scene {
        Slice *slice;
        char *name;   /* of the unit */
        char *group;  /* its control group */
        char *object; /* its path on the bus */
        pid_t tenant; /* 0 where it is empty */
} Scene;

/* Makes all that; the unit has a limit of its own if 'limit' is not 0. Where this is not possible, skips the
 * test with the reason and returns false. */
bool scene_enter(Scene *scene, uint64_t limit);

/* The same, and the test itself is in the unit, too: it is the caller. */
bool scene_enter_caller(Scene *scene, uint64_t limit);

/* The same without anybody in the unit, whose figures so stand still, and without a limit of its slice. */
bool scene_enter_empty(Scene *scene, uint64_t limit);

void scene_leave(Scene *scene);
