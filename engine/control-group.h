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

/* Whether the group has memory files: 1, 0, or an error. */
int control_group_has_memory(Machine *machine, const ControlGroup *group);

/* Own limits; SIZE_UNLIMITED if there is none. 'swap' is what may be swapped out on v2, and what v1's limit
 * of both together leaves beyond memory's on v1. */
int control_group_read_max(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_high(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_swap_max(Machine *machine, const ControlGroup *group, uint64_t *ret);

/* Own protection and behaviour, of v2 alone; 0 and false on v1. */
int control_group_read_min(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_low(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_oom_group(Machine *machine, const ControlGroup *group, bool *ret);

/* What the group is charged with now, page cache included. */
int control_group_read_usage(Machine *machine, const ControlGroup *group, uint64_t *ret);

/* Measures that not every kernel has; SIZE_UNKNOWN where it does not. */
int control_group_read_peak(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_swap_usage(Machine *machine, const ControlGroup *group, uint64_t *ret); /* v2 */
int control_group_read_swap_peak(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_zswap_usage(Machine *machine, const ControlGroup *group, uint64_t *ret);
int control_group_read_kernel(Machine *machine, const ControlGroup *group, uint64_t *ret); /* v1 */
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
