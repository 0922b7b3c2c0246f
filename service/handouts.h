/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Descriptors that were handed out over the bus, and who may have no more for ten minutes: the user who took
 * most when the bus did not hear us any longer. Who has read what they got, a bus does not tell. */

typedef struct Handouts Handouts;

Handouts *handouts_new(void);
Handouts *handouts_free(Handouts *handouts);

bool handouts_may_have(Handouts *handouts, uid_t uid);
void handouts_add(Handouts *handouts, uid_t uid, size_t n);

/* We were not heard: finds out who may be to blame, and begins to count anew. Returns whether there is
 * anybody. */
bool handouts_blame(Handouts *handouts, uid_t *ret_uid);
