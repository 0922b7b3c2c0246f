/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "options.h"

/* All units of the system manager, or of our own user manager, with all that is measured of each. Units of
 * other managers are not among them: their names are chosen by their owners, and mean nothing to others. */

/* Finds them: read here, or from the service where we cannot see them or where they are elsewhere. '*ret' is
 * an array of Metered, which the caller unrefs. Returns 0, or an error of machine.h with '*ret_message' a
 * sentence that the caller frees. */
int survey_make(const Options *options, GPtrArray **ret, char **ret_message);
