/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

/* The stream of bytes from a peer, looked at before sd-bus gets it. sd-bus takes messages of up to 128 MiB
 * and holds as much memory for each of them; nothing that we answer needs more than a few hundred bytes. So
 * the frames of the D-Bus protocol are followed here, and who sends a large one is not listened to. sd-bus
 * also loses descriptors that come with a message it does not like; nothing that we answer takes any. So it
 * is given none, and does not see that a message speaks of some. What the messages say otherwise is its
 * business alone. */

#define INTAKE_AUTHENTICATION_MAX ((size_t) 4096)
#define INTAKE_MESSAGE_MAX ((size_t) 16 * 1024) /* an object path of 8 KiB, and what is around it */

typedef struct Intake {
        size_t n_authentication; /* bytes until BEGIN */
        size_t n_matched;        /* how much of the end of the authentication was just seen */
        Frame frame;             /* the message that comes now */
} Intake;

/* Whether the authentication is over, as far as the peer is concerned. */
bool intake_is_authenticated(const Intake *intake);

/* Whether it is, and of no message there is only a part. */
bool intake_is_at_rest(const Intake *intake);

/* Follows the next 'n' bytes, and changes in them what sd-bus is not to see. Returns how many were followed:
 * all, or those that end the authentication, so that one can see whether it was successful before there are
 * messages. Or -EMSGSIZE if a message, or the authentication, is too large, -EBADMSG if this is no D-Bus;
 * whatever comes then has no meaning. */
int intake_follow(Intake *intake, uint8_t *data, size_t n);
