/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <mymem.h>
#include <stdbool.h>
#include <sys/types.h>

/* A program with a handle that does what the test tells it, in a control group, and maybe in a sandbox from
 * which neither /proc nor control groups are seen. */

typedef enum GuestAct {
        GUEST_OPEN, /* opens a handle; another one if there is one, which is closed */
        GUEST_SAMPLE,
        GUEST_SAMPLE_MANY, /* GUEST_MANY times; the last one is reported, or the first that failed */
        GUEST_FORK, /* samples in a child that comes with the handle, and that moves into the guest's 'other'
                     */
        GUEST_CLOSE,
        GUEST_QUIT,
} GuestAct;

#define GUEST_MANY 1000000

typedef struct Report {
        int r;
        gint64 usec; /* how long it took */
        struct mymem memory;
        unsigned n_descriptors; /* that the guest has open; not known in a sandbox */
        uint64_t resident,
                before; /* bytes that it has in memory, and had before GUEST_SAMPLE_MANY; likewise */
} Report;

typedef struct Guest {
        pid_t pid;
        int fd;
} Guest;

/* Starts one in 'group'. The environment says where the library looks. */
Guest *guest_start(const char *group, bool is_blind, const char *other);

Report guest_do(Guest *guest, GuestAct act);

/* The parts of it: tells it, waits for so long whether it is done, and takes the report when it is. */
void guest_begin(Guest *guest, GuestAct act);
bool guest_has_done(Guest *guest, unsigned msec);
Report guest_end(Guest *guest);

/* Moves it to another group. */
void guest_move(const Guest *guest, const char *group);

/* Tells it to quit, which it must do well. */
void guest_stop(Guest *guest);
