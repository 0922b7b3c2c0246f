/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"

/* The call that a peer makes again and again: GetMemory, which sd-bus was given once. What comes later and
 * is the same, byte for byte but for its number, is the same call: it is known without being understood. So
 * it can be answered at once, which saves most of what it costs. */

#define USUAL_CALL_MAX 256 /* bytes; such a call has about 120 */

typedef struct UsualCall {
        uint8_t bytes[USUAL_CALL_MAX];
        size_t size; /* 0 if none is known */
        uint32_t n_answers;
} UsualCall;

/* Whether the message, which may be answered, is such a call. One that names a sender is not: the answer
 * would repeat that. */
bool usual_call_suits(sd_bus_message *message);

/* Remembers the bytes of one that is. If they are too many, nothing changes. */
void usual_call_learn(UsualCall *call, const uint8_t *data, size_t n);

/* Whether these bytes are that call, and nothing else. */
bool usual_call_is(const UsualCall *call, const uint8_t *data, size_t n);

/* Answers them, from what is kept of the caller. Returns 1; 0 if nothing is, or the peer does not take it
 * now: then it is a call like others, of which nothing has been said yet; or -EIO if only a part was sent.
 */
int usual_call_answer(UsualCall *call, Service *service, Caller *caller, int fd, const uint8_t *data);
