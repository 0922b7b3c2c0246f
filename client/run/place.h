/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "own-group.h"

/* Where a command runs, so that what it uses can be told from what others use. */

typedef enum PlaceKind {
        PLACE_SCOPE,  /* in a scope of systemd's */
        PLACE_GROUP,  /* in a control group that we made */
        PLACE_SHARED, /* where we are, with others: no better one can be had */
} PlaceKind;

typedef struct Place {
        PlaceKind kind;
        gboolean is_user;    /* the scope is the user manager's */
        char *unit;          /* of a scope */
        char *control_group; /* in the memory hierarchy, as it is; NULL if there is none */
        char *reason;        /* why it is none of those above; NULL for a scope */
        OwnGroup group;
} Place;

typedef struct PlaceRequest {
        const char *unit; /* NULL: one is made up */
        const char *description;
        gboolean user;          /* it shall be the user manager's, also as root */
        const GArray *settings; /* of Setting; where they cannot be set, there is no such place */
} PlaceRequest;

/* Finds the best there is, and puts the holder and the command there. Returns 0, or an error with
 * '*ret_message' a sentence, for the caller to free. */
int place_find(const PlaceRequest *request, pid_t holder, pid_t command, Place *ret, char **ret_message);

const char *place_kind_to_string(PlaceKind kind);

/* Leaves nothing behind that was made for it; says on stderr if it cannot. */
void place_leave(Place *place);
