/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "control-group.h"
#include "mounts.h"

/* A control group and all above it, up to the top of what can be seen. Every limit in the chain binds. */

typedef struct Chain {
        ControlGroup *groups; /* innermost first; at least one */
        size_t n;
} Chain;

/* The kernel allows more than anybody needs, and each level costs a descriptor and several files to read. */
#define CHAIN_DEPTH_MAX 128 /* below the top */

typedef enum ChainFlags {
        CHAIN_EXACT = 0,
        CHAIN_NAMED = 1 << 0, /* somebody named the path: a group that does not exist is -ENOENT, it has not
                                 vanished */
        CHAIN_NEAREST = 1 << 1, /* start at the nearest ancestor that exists */
} ChainFlags;

/* Opens the chain of the group 'path' in the hierarchy seen at 'mount'. Groups at its inner end that have no
 * memory files are left out, but the machine itself never stands in for them: then it is -ENODATA. Returns
 * 0, -ENODEV if the group does not exist, -ENODATA, or another error of machine.h. */
int chain_open(Machine *machine, const Mount *mount, const char *path, unsigned flags, Chain *ret);

/* Whether no group from 'path' up to the true root has memory files, so that nothing can limit who is in it:
 * 1, 0 (also where the root cannot be seen), or an error. */
int chain_is_unaccounted(Machine *machine, const Mount *mount, const char *path);

void chain_done(Chain *chain);

/* The outermost group of the chain. */
const ControlGroup *chain_top(const Chain *chain);
