/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "process.h"

/* A moment, told by the processes that there are: whether a process was there then, or has got the number of
 * one that was. The start times of processes are too coarse for that, a hundredth of a second. */

typedef struct Moment {
        uint64_t ticks;       /* clock ticks since boot, as start times are */
        uint64_t last_number; /* the number that was given out last; 0 if the kernel does not say */
        Process last;         /* who had it; its 'fd' is -1 if it had ended */
        int r;                /* why these two are not known; or 0 */
} Moment;

#define MOMENT_NONE ((Moment) { .last = { .fd = -1 } })

/* Remembers this moment. */
void moment_begin(Machine *machine, Moment *ret);
void moment_done(Moment *moment);

/* Whether 'process', which has the number 'pid', was there at that moment: 1, 0, or an error as of
 * process_read_start_time(). Numbers are given out one after the other; who may choose them can make a
 * process look older by up to one tick. */
int moment_had_process(Machine *machine, const Moment *moment, const Process *process, uint32_t pid);
