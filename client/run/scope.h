/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* A scope of systemd's: the system manager's, or one's own user manager's. */

typedef struct ScopeRequest {
        gboolean user;
        const char *name; /* with ".scope" */
        const char *description;
        const GArray *settings; /* of Setting */
        const pid_t *pids;      /* the processes that it is made of */
        size_t n_pids;
} ScopeRequest;

/* Makes it, and returns when they are in it. Returns 0; -ENOTCONN if there is no such manager that answers;
 * or what it said against it. With an error '*ret_message' is a sentence, for the caller to free. */
int scope_make(const ScopeRequest *request, char **ret_message);
