/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stream.h"

/* What the bus says, as bytes and descriptors, until it is passed on to sd-bus, or passed over. */

#define BUS_STREAM_SIZE ((size_t) 16 * 1024)                /* bytes */
#define BUS_STREAM_PENDING_MAX (2 * STREAM_DESCRIPTORS_MAX) /* descriptors */

enum {
        BUS_STREAM_OTHER = -1, /* a descriptor of no process */
        BUS_STREAM_LOST = -2,  /* one or more for which there was no room */
};

typedef struct BusStream {
        int fd;         /* of the bus */
        int nothing_fd; /* what is passed on instead of a descriptor that sd-bus shall not have */
        uint8_t buffer[BUS_STREAM_SIZE];
        size_t begin, end;
        int pending[BUS_STREAM_PENDING_MAX]; /* in the order in which they came; or one of these: */
        size_t n_pending;
} BusStream;

/* Begins with the socket of a bus, which stays the giver's. Returns 0 or a negative errno; bus_stream_done()
 * is called in both cases. */
int bus_stream_begin(BusStream *stream, int fd);
void bus_stream_done(BusStream *stream);

/* The bytes that are next, and how many there are. */
static inline uint8_t *bus_stream_next(BusStream *stream) {
        return stream->buffer + stream->begin;
}

static inline size_t bus_stream_size(const BusStream *stream) {
        return stream->end - stream->begin;
}

/* Reads more, behind what is there: there must be room. Returns how much came, or a negative errno;
 * -ECONNRESET at the end. */
ssize_t bus_stream_receive(BusStream *stream);

/* Gives the next 'n' bytes, or fewer, with the first descriptors, to the socket 'fd'. Returns how many
 * bytes, with which all these descriptors went; or a negative errno. */
ssize_t bus_stream_pass(BusStream *stream, int fd, size_t n, size_t n_descriptors);

/* Passes over the next 'n' bytes. */
void bus_stream_skip(BusStream *stream, size_t n);

/* Whether the first 'n_descriptors', which belong to one message, have all come. */
bool bus_stream_has(const BusStream *stream, size_t n_descriptors);

/* Passes over those of one message, which has so many; some of them may be lost. */
void bus_stream_drop(BusStream *stream, size_t n_descriptors);

/* Passes over all that came. */
void bus_stream_drop_all(BusStream *stream);
