/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bus/wire.h"

/* Messages out of an input: each is a record of
 *
 *      a byte, the flags; its highest bit says that it is written in the other order of bytes
 *      a byte, how many descriptors it says to have
 *      texts, each ended by NUL, not there if empty: path, interface, member, sender, signature
 *      two bytes, the size of the body, the lower first; and the body
 *
 * so that what changes at random is a whole message still, and not all of them end in the parser. */

typedef struct Records {
        const uint8_t *data;
        size_t size;
        uint32_t serial;         /* of the message that comes next */
        const char *destination; /* of all of them; NULL for none */
} Records;

/* Reads the next one; its texts are kept in 'texts', to be freed. False at the end. */
bool records_next(Records *records, WireCall *ret, char *ret_texts[5]);

/* All of them, as they go over the wire; each with the serial number after that of the one before. */
GString *records_write(Records *records);

/* What a client says before its first message. */
GString *records_authentication(void);
