/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <systemd/sd-bus.h>

#include "frame.h"
#include "machine.h"

/* Failures of the service as errors on the bus. */

/* Besides those of machine.h, and numbers that no kernel gives: */
enum {
        ERROR_UNKNOWN_CALLER = 10000,
        ERROR_NOT_SUPPORTED, /* a number that does not mean to the caller what it means to us */
        ERROR_HIDDEN,        /* /proc hides other users' processes from the service */
        ERROR_LIMITS_EXCEEDED,
        ERROR_TOO_LARGE, /* a call that is not passed on */
};

/* Turns a negative errno into the typed error with a sentence that names what it is about. Returns a
 * negative errno, as a handler does that has set its error. */
int failure_set_error(const Machine *machine, int r, sd_bus_error *error);

/* Replies to 'message' with it. */
int failure_reply(const Machine *machine, int r, sd_bus_message *message);

/* The same where nothing of the call is left but what was seen of it. */
int failure_reply_frame(const Machine *machine, int r, sd_bus *bus, const Frame *frame);
