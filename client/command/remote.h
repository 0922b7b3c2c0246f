/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "connection.h"
#include "options.h"

/* The service of another machine or of a container, over a bus that sd-bus finds for us. */

/* Whether the options name one. */
gboolean remote_is_wanted(const Options *options);

/* Opens the connection that the options name, or else our own system bus, for long enough to walk over all
 * units. Returns 0, or an error with '*ret_message' a sentence, which the caller frees. */
int remote_open(const Options *options, Connection *ret, char **ret_message);
