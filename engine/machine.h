/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "meminfo.h"
#include "mounts.h"
#include "working-set.h"

/* The machine that is read: its /proc and its control groups, live or captured in a directory. One thread at
 * a time may use one of these; several may exist.
 *
 * What every reading function of the engine returns when it fails:
 *   -ESRCH    no such process, or it has ended
 *   -ENOENT   no such unit or control group
 *   -ENODEV   the control group went away while it was read
 *   -ENODATA  the memory controller does not account for it
 *   -E2BIG    it lies deeper than CHAIN_DEPTH_MAX groups, or too many of its threads are dead
 *   -EOPNOTSUPP  it has no files that can be handed out
 *   -ENOMEDIUM  the machine lacks a file that every machine has, as an incomplete capture may
 *   -EBADMSG, -ERANGE, -EFBIG  a file has not the shape the kernel documents; failure_describe() names it
 *   -ENOMEM, or what the kernel gave for the file that failure_describe() names. */

#define MACHINE_N_REMEMBERED 64

/* What was read of an ancestor. */
typedef struct RememberedGroup {
        dev_t device;
        ino_t inode;
        WorkingSet working_set;
} RememberedGroup;

typedef struct Machine {
        int root_fd;
        int proc_fd;
        int fdinfo_fd;      /* where it tells of our own descriptors, while that is kept open; or -1 */
        bool is_live;       /* proc is the kernel's, not a copy of it */
        int last_number_fd; /* what tells the number that a process was given last; -1 before it is asked */
        Mounts mounts;
        Meminfo meminfo; /* as last read */
        uint64_t meminfo_read_at_usec;
        bool meminfo_is_current; /* it was read in this look */
        RememberedGroup remembered[MACHINE_N_REMEMBERED];
        size_t n_statistics_lines; /* of memory.stat, of whichever group it was read last; or 0 */
        char blamed[512]; /* the file or thing that the last failure is about, cut if it is longer; "" if
                             none is */
} Machine;

typedef enum MachineMode {
        MACHINE_UNIFIED, /* cgroup v2 alone */
        MACHINE_HYBRID,  /* controllers on v1, and v2 beside them */
        MACHINE_LEGACY,  /* v1 alone */
} MachineMode;

/* Makes a machine of its root directory; takes the descriptor, also when it fails and returns 0 or an error
 * as above, with '*ret' set if there was memory for it, so that the failure can be described. */
int machine_new(int root_fd, Machine **ret);
/* The same for the machine that we run on. */
int machine_new_here(Machine **ret);

Machine *machine_free(Machine *machine);

static inline void machine_freep(Machine **machine) {
        machine_free(*machine);
}

/* Looks again where the hierarchies are mounted. */
int machine_refresh(Machine *machine);

/* Reads /proc/meminfo, once a look. */
int machine_read_meminfo(Machine *machine, Meminfo *ret);

/* The machine's RAM in bytes, as of at most a second ago: it changes by hotplug only. */
int machine_physical_memory(Machine *machine, uint64_t *ret);

/* Where the groups of 'kind' are mounted, the mount through which 'path' can be seen (NULL: any), opened.
 * -ENODATA if there is none. */
int machine_find_mount(Machine *machine, MountKind kind, const char *path, Mount **ret);

/* The mount of the hierarchy that has the memory controller: v1 where that is mounted, else v2. */
int machine_find_memory_mount(Machine *machine, const char *path, Mount **ret);

/* The mount of the hierarchy that systemd manages: name=systemd where that is mounted, else v2. */
int machine_find_systemd_mount(Machine *machine, Mount **ret);

MachineMode machine_mode(const Machine *machine);
const char *machine_mode_to_string(MachineMode mode);

/* Opens /proc/self of the machine; in a captured one that may be a link or a directory. */
int machine_open_self(const Machine *machine);

/* Keeps /proc/self/fdinfo open, for who often has a process by its descriptor, and does not fork. */
int machine_keep_fdinfo(Machine *machine);

/* Begins a look at the machine: what is read of it until the next one is of one moment, and nothing has
 * failed. */
void machine_begin(Machine *machine);

/* Notes what a failure is about. */
void machine_note(Machine *machine, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, and is 'r' as it is. */
#define machine_blame(machine, r, ...)                \
        __extension__({                               \
                int _blamed = (r);                    \
                machine_note((machine), __VA_ARGS__); \
                _blamed;                              \
        })

uint64_t machine_now_usec(void);
