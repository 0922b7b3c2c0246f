/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "json.h"
#include "outcome.h"

/* What `run` says at its end. */

/* For a person, in lines of so many columns; the caller frees. */
char *report_text(const Outcome *outcome, gboolean bytes, unsigned width);

/* For a program; the caller frees. */
char *report_json(const Outcome *outcome, JsonMode mode);
