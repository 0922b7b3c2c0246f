/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Messages as bytes, written and read without any library: what no library lets one say can be said, too. */

#define WIRE_HEADER_SIZE 16 /* of a message, up to its fields */
#define WIRE_SERIAL_OFFSET 8
#define WIRE_NO_REPLY 1 /* a flag */

enum {
        WIRE_CALL = 1,
        WIRE_RETURN = 2,
        WIRE_ERROR = 3,
};

typedef struct WireCall {
        char order;   /* 'l' or 'B'; 'l' if it is 0 */
        uint8_t type; /* WIRE_…; a call if it is 0 */
        uint8_t flags;
        uint32_t serial, reply_serial;
        const char *path, *interface, *member; /* not there if NULL, as all strings */
        const char *sender, *destination;
        uint32_t n_fds;    /* how many descriptors it says to have */
        const char *error; /* the name of one */
        const char *text;  /* the argument; or else any others: */
        const char *signature;
        const void *body;
        size_t body_size;
} WireCall;

/* The bytes of the call, or of another message. */
GString *wire_write(const WireCall *call);

/* A header that promises that much, and nothing after it. */
GString *wire_promise(char order, uint32_t fields, uint32_t body);

/* The size of the whole message that begins with these 16 bytes, and where its body begins. */
size_t wire_size(const uint8_t *header);
size_t wire_body_offset(const uint8_t *header);

/* Whether a whole message is a call of that member; the number under which it is to be answered, else 0. */
uint32_t wire_called(const GByteArray *message, const char *member);

/* The serial number of the call that a whole message answers, and whether it is an error. 0 if it answers
 * none. */
uint32_t wire_reply_serial(const GByteArray *message, bool *ret_is_error);

/* The 64-bit number number 'i' of the body, whose arguments before it are such, too. */
uint64_t wire_number(const GByteArray *message, size_t i);
