/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "options.h"

/* The verbs of the command: what each does stands at the head of its file. They print, on stderr what is
 * wrong, and return an exit code. 'words' ends with NULL. */

int show(const Options *options, char **words);
int status(const Options *options, char **words);
int explain(const Options *options, char **words);
int list(const Options *options, char **words);
int meminfo(const Options *options, char **words);
int fit(const Options *options, char **words);
int wait_until(const Options *options, char **words);
int metrics(const Options *options, char **words);
