/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "connection.h"
#include "options.h"

/* All units that there are, with their figures in bytes. */

typedef struct Unit {
        char *name;
        char *control_group; /* as it is, which may be no text */
        guint64 limit;
        guint64 usage; /* SIZE_UNKNOWN if it is not known, as are the next two */
        guint64 working_set;
        guint64 available;
} Unit;

/* Finds them: from the service, or read here where that does not answer or shall not be asked. '*ret' is an
 * array of Unit, which the caller unrefs. Returns 1 if it was the service, 0 if they were read here, or an
 * error of machine.h with '*ret_message' a sentence that the caller frees. */
int units_find(const Options *options, GPtrArray **ret, char **ret_message);

/* Asks the service for them over a connection that is open. Returns 1 with '*ret' set, 0 if it does not
 * answer. */
int units_ask(Connection *connection, GPtrArray **ret);

/* Whether a unit with this control group is run by our own user manager. */
gboolean units_is_own(const char *control_group);

/* The names of the units of the system manager, or of our own user manager, that match the pattern: an array
 * of strings, in order, which the caller unrefs. Returns 0 or an error as units_find(). */
int units_match(const Options *options, const char *pattern, GPtrArray **ret, char **ret_message);

/* Whether it is a pattern of fnmatch(3), and no name. */
gboolean units_is_pattern(const char *text);
