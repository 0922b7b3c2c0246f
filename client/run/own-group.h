/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* A control group that we make ourselves in the memory hierarchy, where there is no systemd to do it. On v1
 * it lies in our own. On v2 a group with processes cannot hold others: it lies beside ours, or further up,
 * as long as that is not out of a limit. */

typedef struct OwnGroup {
        char *name;
        int parent_fd; /* the directory that it is in */
        int home_fd;   /* the one that we are in */
        int fd;        /* itself */
        gboolean is_made;
} OwnGroup;

#define OWN_GROUP_NONE ((OwnGroup) { .parent_fd = -1, .home_fd = -1, .fd = -1 })

/* What the names of those begin with that nobody named; the number of the process that made it follows. */
#define OWN_GROUP_PREFIX "mymem-run-"

/* Makes it, with these settings, and moves the processes there. Returns 0, or an error with '*ret_message' a
 * sentence, for the caller to free. Nothing is left behind then. What is left of runs
 * that were killed is removed from where it is made. */
int own_group_make(const char *name,
                   const GArray *settings,
                   const pid_t *pids,
                   size_t n_pids,
                   OwnGroup *ret,
                   char **ret_message);

/* Removes it. Who is still in it goes to where we are. Returns 0, or an error if it is still there. */
int own_group_remove(OwnGroup *group);

void own_group_done(OwnGroup *group);
