/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "bus-messages.h"
#include "caller.h"
#include "callers.h"
#include "cleanup.h"
#include "descriptors.h"
#include "failure-reply.h"
#include "usual-call.h"

#define AUTHENTICATION_MAX 4096 /* bytes of what the bus says before messages */
#define TURN_MAX 4              /* messages, before it is the turn of others, */
#define TURN_USEC UINT64_C(500) /* and fewer where they take their time */

/* What a piece of work comes to. */
enum {
        STEP_INCOMPLETE, /* more must be read */
        STEP_DONE,       /* there may be more to do */
        STEP_LATER,      /* sd-bus must read first */
};

int bus_messages_begin(BusMessages *messages, Service *service, int fd) {
        assert(messages);
        assert(service);
        assert(fd >= 0);

        messages->service = service;
        messages->feed_fd = -1;
        return bus_stream_begin(&messages->stream, fd);
}

void bus_messages_end(BusMessages *messages) {
        assert(messages);

        closep(&messages->feed_fd);
        messages->feed_fd = -1;
}

void bus_messages_done(BusMessages *messages) {
        assert(messages);

        bus_messages_end(messages);
        bus_stream_done(&messages->stream);
}

static bool has_had_turn(const BusMessages *messages) {
        return machine_now_usec() >= messages->turn_until_usec;
}

/* Has sd-bus handle what it was given, and what that makes it do, before it is given more. What a reply of
 * the driver brings about is in its turn, too: the call that waited for it is the next message. */
static int process(BusMessages *messages) {
        const unsigned n_least = messages->is_reply ? 2 : 1;
        uint64_t n_queued = 0;
        int r = 1;

        for (unsigned i = 0; i < TURN_MAX && r > 0 && (i < n_least || !has_had_turn(messages)); i++)
                r = sd_bus_process(messages->bus, NULL);
        messages->is_reply = false;

        messages->is_busy = r > 0 && sd_bus_get_n_queued_read(messages->bus, &n_queued) >= 0 && n_queued > 0;
        return r < 0 ? r : STEP_DONE;
}

/* Passes on a piece of what is to be passed on. */
static int pass(BusMessages *messages) {
        size_t n = messages->n_passing < bus_stream_size(&messages->stream) ?
                (size_t) messages->n_passing :
                bus_stream_size(&messages->stream);
        ssize_t given;
        int r;

        if (n == 0)
                return STEP_INCOMPLETE;

        given = bus_stream_pass(&messages->stream, messages->feed_fd, n, messages->n_passing_descriptors);
        if (given < 0 && given != -EAGAIN && given != -EINTR)
                return (int) given;
        if (given > 0) {
                messages->n_passing -= (uint64_t) given;
                messages->n_passing_descriptors = 0;
        }
        r = process(messages);
        return r >= 0 && given < 0 ? STEP_LATER : r;
}

/* The bus's side of the authentication is lines of text, none of which begins as messages do. */
static int pass_line(BusMessages *messages) {
        const uint8_t *line = bus_stream_next(&messages->stream), *line_end;
        size_t n = bus_stream_size(&messages->stream);

        if (n == 0)
                return STEP_INCOMPLETE;
        if (*line == 'l' || *line == 'B') {
                messages->is_authenticated = true;
                return STEP_DONE;
        }

        line_end = memchr(line, '\n', n);
        if (line_end)
                n = (size_t) (line_end + 1 - line);
        if (messages->n_authentication + n > AUTHENTICATION_MAX)
                return -EBADMSG;
        if (!line_end)
                return STEP_INCOMPLETE;
        messages->n_authentication += n;
        messages->n_passing = n;
        return pass(messages);
}

/* Tells who sent a message that it is not taken. */
static int refuse(BusMessages *messages) {
        const Frame *frame = &messages->frame;
        int r;

        r = service_hear_bus(messages->service);
        if (r < 0)
                return r;
        if (!frame_expects_reply(frame) || !*frame->sender || service_bus_is_congested(messages->service))
                return 0;

        return failure_reply_frame(messages->service->machine, -ERROR_TOO_LARGE, messages->bus, frame);
}

/* Lets a message go by. */
static int pass_over(BusMessages *messages) {
        Frame *frame = &messages->frame;
        int r;

        while (!frame_is_whole(frame)) {
                if (bus_stream_size(&messages->stream) == 0)
                        return STEP_INCOMPLETE;
                r = frame_follow(frame,
                                 bus_stream_next(&messages->stream),
                                 bus_stream_size(&messages->stream),
                                 false);
                if (r < 0)
                        return r;
                bus_stream_skip(&messages->stream, (size_t) r);
        }

        bus_stream_drop(&messages->stream, frame->n_descriptors);
        messages->is_passed_over = false;
        r = refuse(messages);
        messages->frame = (Frame) { 0 };
        /* Nobody has a name that is none. */
        return r < 0 && r != -EINVAL ? r : STEP_DONE;
}

/* Answers the message that is next, if that can be done without sd-bus. Returns 1, 0 if it cannot, or an
 * error. */
static int answer(BusMessages *messages) {
        _cleanup_(caller_unrefp) Caller *caller = NULL;
        uint64_t n_queued = 0;
        int r;

        if (frame_size(&messages->frame) > USUAL_CALL_MAX || sd_bus_is_ready(messages->bus) <= 0 ||
            !usual_call_is(&messages->frame, bus_stream_next(&messages->stream), true))
                return 0;
        /* What sd-bus says comes first. */
        if (sd_bus_get_n_queued_write(messages->bus, &n_queued) < 0 || n_queued > 0)
                return 0;

        caller = callers_recall(messages->service->callers, messages->frame.sender);
        if (!caller)
                return 0;
        /* Before it is answered: what was said to those before has been taken by then. */
        r = service_hear_bus(messages->service);
        if (r >= 0)
                r = usual_call_answer(messages->service, caller, &messages->frame, messages->stream.fd);
        if (r > 0)
                bus_stream_skip(&messages->stream, (size_t) frame_size(&messages->frame));
        return r;
}

/* Whether the message is one that may be passed on. Its fields must find room, so that they can be looked
 * at. */
static bool is_acceptable(const Frame *frame) {
        return frame_size(frame) <=
                (frame_is_call(frame) ? BUS_MESSAGES_CALL_MAX : BUS_MESSAGES_REPLY_MAX) &&
                frame_body_offset(frame) <= BUS_STREAM_SIZE;
}

/* Whether somebody takes the descriptors that come with it: of calls it is those that name a process so. */
static bool takes_descriptors(BusMessages *messages) {
        return !frame_is_call(&messages->frame) ||
                frame_text_is(&messages->frame, bus_stream_next(&messages->stream), FRAME_SIGNATURE, "h");
}

/* The same once its fields were. Besides calls it is only the driver who has something to say; and the
 * descriptors of a message come with its beginning, so that none is to come. sd-bus takes them anew, for
 * which there must be room. */
static bool is_wanted(BusMessages *messages) {
        const Frame *frame = &messages->frame;

        return (frame_is_call(frame) || strcmp(frame->sender, "org.freedesktop.DBus") == 0) &&
                bus_stream_has(&messages->stream, frame->n_descriptors) &&
                (frame->n_descriptors == 0 || !takes_descriptors(messages) || !descriptors_are_scarce());
}

/* Lets go of descriptors that nobody takes: they would be held as long as the call waits. The field that
 * speaks of them becomes one that nobody knows. */
static void strip_descriptors(BusMessages *messages) {
        uint8_t *data = bus_stream_next(&messages->stream);
        Frame again = { 0 };

        (void) frame_follow(&again, data, FRAME_HEADER_SIZE, true);
        (void) frame_follow(&again,
                            data + FRAME_HEADER_SIZE,
                            (size_t) frame_body_offset(&messages->frame) - FRAME_HEADER_SIZE,
                            true);
        bus_stream_drop(&messages->stream, messages->frame.n_descriptors);
        messages->frame.n_descriptors = 0;
}

/* Looks at the header of the message that is next. */
static int begin_message(BusMessages *messages) {
        if (bus_stream_size(&messages->stream) < FRAME_HEADER_SIZE)
                return STEP_INCOMPLETE;

        return frame_follow(&messages->frame, bus_stream_next(&messages->stream), FRAME_HEADER_SIZE, false);
}

/* Looks at its fields; the header was. */
static int follow_fields(BusMessages *messages) {
        Frame *frame = &messages->frame;
        size_t n = (size_t) frame_body_offset(frame) - FRAME_HEADER_SIZE;

        return n == 0 ?
                0 :
                frame_follow(frame, bus_stream_next(&messages->stream) + FRAME_HEADER_SIZE, n, false);
}

/* Deals with the message that is next, once there is enough of it. */
static int handle_message(BusMessages *messages) {
        Frame *frame = &messages->frame;
        uint64_t needed;
        int r;

        if (!frame_has_header(frame)) {
                r = begin_message(messages);
                if (r <= 0)
                        return r;
        }
        if (!is_acceptable(frame)) {
                bus_stream_skip(&messages->stream, FRAME_HEADER_SIZE);
                messages->is_passed_over = true;
                return pass_over(messages);
        }
        needed = frame_size(frame) <= BUS_STREAM_SIZE ? frame_size(frame) : frame_body_offset(frame);
        if (bus_stream_size(&messages->stream) < needed)
                return STEP_INCOMPLETE;
        r = follow_fields(messages);
        if (r < 0)
                return r;

        if (!is_wanted(messages)) {
                bus_stream_skip(&messages->stream, (size_t) frame_body_offset(frame));
                messages->is_passed_over = true;
                return pass_over(messages);
        }
        if (frame->n_descriptors > 0 && !takes_descriptors(messages))
                strip_descriptors(messages);
        r = answer(messages);
        if (r == 0) {
                messages->service->bus_message_size = (size_t) frame_size(frame);
                messages->is_reply = !frame_is_call(frame);
                messages->n_passing = frame_size(frame);
                messages->n_passing_descriptors = frame->n_descriptors;
        }
        *frame = (Frame) { 0 };
        if (r != 0)
                return r < 0 ? r : STEP_DONE;

        return pass(messages);
}

/* Does one piece of work with what was read. */
static int handle(BusMessages *messages) {
        if (messages->is_busy)
                return process(messages);
        if (messages->n_passing > 0)
                return pass(messages);
        if (!messages->is_authenticated)
                return pass_line(messages);
        if (messages->is_passed_over)
                return pass_over(messages);

        return handle_message(messages);
}

/* Whether all that came was passed on or passed over. */
static bool is_at_rest(const BusMessages *messages) {
        return bus_stream_size(&messages->stream) == 0 && messages->n_passing == 0 &&
                !messages->is_passed_over;
}

int bus_messages_serve(BusMessages *messages) {
        bool has_received = false;
        ssize_t n;

        assert(messages);

        messages->turn_until_usec = machine_now_usec() + TURN_USEC;
        for (unsigned i = 0; i < TURN_MAX && (i == 0 || !has_had_turn(messages));) {
                int r;

                r = handle(messages);
                if (r < 0)
                        return r;
                if (r == STEP_LATER)
                        return 1;
                if (r == STEP_DONE) {
                        i++;
                        continue;
                }
                if (has_received)
                        return 0;
                /* What no message spoke of. */
                if (is_at_rest(messages))
                        bus_stream_drop_all(&messages->stream);
                n = bus_stream_receive(&messages->stream);
                if (n == -EAGAIN || n == -EINTR)
                        return 0;
                if (n < 0)
                        return (int) n;
                has_received = true;
        }

        return messages->is_busy || bus_stream_size(&messages->stream) > 0;
}
