/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "membership.h"
#include "whereabouts.h"

/* One process, held by its directory in /proc: that never comes to mean another process when the PID is used
 * again, it only stops to answer. */

typedef struct Process {
        int fd;        /* /proc/PID, O_PATH */
        uint32_t pid;  /* 0 of oneself */
        char name[16]; /* PID in digits, or "self" */
} Process;

/* Finds a process by its number. -ESRCH if there is none. */
int process_open(Machine *machine, uint32_t pid, Process *ret);

/* The process that asks. */
int process_open_self(Machine *machine, Process *ret);

/* Finds the process that a pidfd refers to. -EINVAL if it is no pidfd, -ESRCH if the process has ended,
 * -EREMOTE if it is not in our PID namespace or below, so that nothing can be said of it. */
int process_open_pidfd(Machine *machine, int pidfd, Process *ret);

/* Whether the process that a pidfd refers to lives: 1, 0, or what poll() gave. Linux before 5.3 does not
 * say: 0. */
int process_is_alive(int pidfd);

void process_done(Process *process);

/* Reads which control groups the process is in. A zombie is -ESRCH; if only the leader of the thread group
 * is dead, a live thread's are read; -E2BIG if too many others are dead, too. */
int process_read_membership(Machine *machine, const Process *process, Membership *ret);

/* The same, and lets it be seen whether the process has been moved since. */
int process_find(Machine *machine, const Process *process, Membership *ret, Whereabouts *ret_whereabouts);

/* When the process was started, in clock ticks since boot; stat's field 22 in proc(5). */
int process_read_start_time(Machine *machine, const Process *process, uint64_t *ret);

/* Whether the process runs as that user and group, as far as rights go: 1, 0, or an error. */
int process_has_owner(Machine *machine, const Process *process, uid_t uid, gid_t gid);

/* Whether one of its users is that: the real, the effective or the saved one, or that of the file system. 1,
 * 0, or an error. */
int process_has_user(Machine *machine, const Process *process, uid_t uid);

/* Whether the process lives in a PID namespace below ours: the numbers it knows processes by are not ours.
 * That is said of its 'pidfd', too, unless it is -1, and in fewer words. */
int process_is_in_namespace(Machine *machine, const Process *process, int pidfd, bool *ret);
