/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "caller.h"
#include "figures.h"

/* The files that the figures of those who asked last are read from, held open: see kept.h. */

typedef struct Readings Readings;
typedef struct Reading Reading;

Readings *readings_new(void);
Readings *readings_free(Readings *readings);

/* Drops all: something was mounted. */
void readings_forget(Readings *readings);

/* Reads the caller's figures from what is kept. Returns 1, or 0 if nothing is, or not any more. */
int readings_read(Readings *readings, Machine *machine, Caller *caller, Figures *ret);

/* Keeps what 'subject' is read from, which is the caller's, if this is not the caller's first call: then
 * '*subject' becomes empty. */
void readings_keep(Readings *readings, Caller *caller, Subject *subject);

/* Drops one; NULL is none. */
Reading *reading_free(Reading *reading);
