/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "pressure.h"
#include "statistics.h"

/* One control group: an open directory of the memory hierarchy and the files in it. All figures are bytes.
 */

typedef struct ControlGroup {
        char *path;      /* from the hierarchy's root, as /proc/PID/cgroup has it */
        int fd;          /* O_PATH */
        int version;     /* of the hierarchy: 1 or 2 */
        bool is_machine; /* the true root: no group at all, its figures are /proc/meminfo's */
} ControlGroup;

/* How often the kernel did something to the group; SIZE_UNKNOWN where it does not say. */
typedef struct Events {
        uint64_t low;      /* reclaimed although below memory.low */
        uint64_t high;     /* throttled for memory.high */
        uint64_t max;      /* about to go over the limit */
        uint64_t oom;      /* the limit was reached and nothing could be reclaimed */
        uint64_t oom_kill; /* processes killed for it */
} Events;

void control_group_done(ControlGroup *group);

/* The file that says how much is charged to a group of that version: every group with memory files has it.
 */
const char *control_group_usage_file(int version);

/* The same for its own hard limit, and what a number there means. */
const char *control_group_max_file(int version);
uint64_t control_group_as_limit(const ControlGroup *group, uint64_t value);

/* Whether the group has memory files: 1, 0, or an error. */
int control_group_has_memory(Machine *machine, const ControlGroup *group);

/* Files that not every version, kernel or group has. */
typedef enum ControlGroupFile {
        CONTROL_GROUP_HIGH,      /* throttling limit; SIZE_UNLIMITED where there is none, as on v1 */
        CONTROL_GROUP_MIN,       /* hard protection; 0 where there is none, as on v1 */
        CONTROL_GROUP_LOW,       /* best-effort protection; the same */
        CONTROL_GROUP_OOM_GROUP, /* 1 if all of the group is killed together; 0 on v1 */
        CONTROL_GROUP_PEAK, /* what was charged at most; this and the following SIZE_UNKNOWN where there is
                               none */
        CONTROL_GROUP_SWAP_USAGE,  /* v2 */
        CONTROL_GROUP_SWAP_PEAK,   /* v2 */
        CONTROL_GROUP_ZSWAP_USAGE, /* v2 */
        CONTROL_GROUP_KERNEL,      /* v1; v2 has it in memory.stat */
} ControlGroupFile;

int control_group_read(Machine *machine, const ControlGroup *group, ControlGroupFile file, uint64_t *ret);

/* Own hard limits; SIZE_UNLIMITED if there is none. 'swap' is what may be swapped out on v2, and what v1's
 * limit of both together leaves beyond memory's on v1. */
int control_group_read_max(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_swap_max(Machine *machine, const ControlGroup *group, uint64_t *ret);

/* What the group is charged with now, page cache included. */
int control_group_read_usage(Machine *machine, const ControlGroup *group, uint64_t *ret);

/* What not every kernel tells; unknown where it does not. */
int control_group_read_pressure(Machine *machine, const ControlGroup *group, Pressure *ret);
int control_group_read_events(Machine *machine, const ControlGroup *group, Events *ret);

/* Reads memory.stat; '*ret_text', if wanted, is its text, for the caller to free. */
int control_group_read_statistics(Machine *machine,
                                  const ControlGroup *group,
                                  Statistics *ret,
                                  char **ret_text);

/* 'usage' less the inactive page cache, as far as a memory.stat of at most two seconds ago tells: for an
 * ancestor, whose memory.stat can cost milliseconds. It may be too large for that time. */
int control_group_read_working_set(Machine *machine,
                                   const ControlGroup *group,
                                   uint64_t usage,
                                   uint64_t *ret);
