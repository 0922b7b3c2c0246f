/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The stream of bytes from a peer, looked at before sd-bus gets it. sd-bus takes messages of up to 128 MiB
 * and holds as much memory for each of them; nothing that we answer needs more than a few hundred bytes. So
 * the frames of the D-Bus protocol are followed here, and who sends a large one is not listened to. What the
 * messages say is sd-bus's business alone. */

#define INTAKE_AUTHENTICATION_MAX ((size_t) 4096)
#define INTAKE_MESSAGE_MAX ((size_t) 64 * 1024)
#define INTAKE_DESCRIPTORS_MAX 16 /* that come with one message */

typedef struct Intake {
        size_t n_authentication; /* bytes until BEGIN */
        size_t n_matched;        /* how much of the end of the authentication was just seen */
        uint8_t header[16];      /* of the message that comes now, as far as it has come */
        size_t n_header;
        size_t n_rest; /* what is to come of it behind these 16 bytes */
        unsigned n_descriptors;
} Intake;

/* Whether the authentication is over, as far as the peer is concerned. */
bool intake_is_authenticated(const Intake *intake);

/* Follows the next 'n' bytes, which came with 'n_descriptors'. Returns how many were followed: all, or those
 * that end the authentication, so that one can see whether it was successful before there are messages. Or
 * -EMSGSIZE if a message, or the authentication, is too large, -E2BIG for too many descriptors, -EBADMSG if
 * this is no D-Bus; whatever comes then has no meaning. */
int intake_follow(Intake *intake, const uint8_t *data, size_t n, unsigned n_descriptors);
