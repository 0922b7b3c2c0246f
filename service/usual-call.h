/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "service.h"

/* The call that most make, and some again and again: GetMemory. One that is written as everybody writes it
 * is known without sd-bus, and answered at once, from what is kept of the caller. That saves most of what it
 * costs. */

#define USUAL_CALL_MAX 512 /* bytes; such a call has about 150 */

/* Whether a message is such a call, once its fields were followed: one with a sender if it came over a bus,
 * and without if not. Whatever is unusual about it is for sd-bus to look at. */
bool usual_call_is(const Frame *frame, const uint8_t *data, bool on_bus);

/* Answers it over 'fd', to its sender if it has one. Returns 1; 0 if nothing is kept, or it is not taken
 * now: then it is a call like others, of which nothing has been said yet; or -EIO if only a part was sent.
 */
int usual_call_answer(Service *service, Caller *caller, const Frame *frame, int fd);
