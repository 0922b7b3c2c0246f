/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What was handed out over the bus of which a bus does not hold much, and who may have no more of it for ten
 * minutes: the user who took most of late when the bus did not hear us any longer. Who has read what they
 * got, a bus does not tell. */

/* 64 descriptors, or 127 MiB, are what a dbus-daemon holds: each counts as so many bytes. */
#define HANDOUTS_DESCRIPTOR_SIZE ((size_t) 2 * 1024 * 1024)

typedef struct Handouts Handouts;

Handouts *handouts_new(void);
Handouts *handouts_free(Handouts *handouts);

bool handouts_may_have(Handouts *handouts, uid_t uid);
void handouts_add(Handouts *handouts, uid_t uid, size_t n_bytes);

/* We were not heard: finds out who may be to blame, and begins to count anew. Returns whether there is
 * anybody. */
bool handouts_blame(Handouts *handouts, uid_t *ret_uid);
