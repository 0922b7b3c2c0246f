/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "bus-stream.h"
#include "frame.h"
#include "service.h"

/* What a bus says, message by message: each is passed on to sd-bus, answered without it, or passed over. */

#define BUS_MESSAGES_CALL_MAX ((size_t) 16 * 1024)   /* an object path of 8 KiB, and what is around it */
#define BUS_MESSAGES_REPLY_MAX ((size_t) 512 * 1024) /* a caller may be in 65536 groups */

typedef struct BusMessages {
        Service *service;
        sd_bus *bus; /* reads from the other end of 'feed_fd', and writes to the bus */
        int feed_fd; /* -1 after the end */

        BusStream stream; /* has a descriptor of the bus that is its own */
        size_t n_authentication;
        bool is_authenticated;

        Frame frame; /* of the message that is next, or passed over */
        bool is_passed_over;
        uint64_t turn_until_usec;
        bool is_busy;       /* sd-bus has not handled all that it was given, */
        bool is_reply;      /* of which the last is no call */
        uint64_t n_passing; /* bytes of one that is being passed on, */
        size_t n_passing_descriptors;
} BusMessages;

/* Begins with the socket of a bus, which stays the giver's, and where 'bus' and 'feed_fd' are to be set.
 * 'messages' is all zero. Returns 0 or a negative errno; bus_messages_done() is called in both cases. */
int bus_messages_begin(BusMessages *messages, Service *service, int fd);
void bus_messages_done(BusMessages *messages);

/* Does some pieces of work. Returns 1 if there is more to be done with what was read, 0 if there is not, or
 * a negative errno, with which it is over. */
int bus_messages_serve(BusMessages *messages);

/* There is nothing more to come: sd-bus sees the end. */
void bus_messages_end(BusMessages *messages);
