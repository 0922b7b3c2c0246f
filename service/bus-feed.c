/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus-feed.h"
#include "bus-stream.h"
#include "caller.h"
#include "callers.h"
#include "cleanup.h"
#include "closer.h"
#include "descriptors.h"
#include "failure-reply.h"
#include "frame.h"
#include "turn.h"
#include "usual-call.h"

#define AUTHENTICATION_MAX 4096 /* bytes of what the bus says before messages */
#define TURN_MAX 4              /* messages, before it is the turn of others, */
#define TURN_USEC UINT64_C(500) /* and fewer where they take their time */

struct BusFeed {
        Service *service;
        sd_bus *bus; /* reads from the other end of 'feed_fd', and writes to the bus */
        int feed_fd; /* -1 after the end */
        sd_event_source *io;
        sd_event_source *more; /* a turn.h, for what was read and did not have its turn */

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
};

/* What a piece of work comes to. */
enum {
        FEED_INCOMPLETE, /* more must be read */
        FEED_DONE,       /* there may be more to do */
        FEED_LATER,      /* sd-bus must read first */
};

/* There is nothing more to come: sd-bus sees the end. What watches the socket lives as long as that, for it
 * may be watched on, where epoll_ctl() fails. */
static void end(BusFeed *feed) {
        (void) sd_event_source_set_enabled(feed->io, SD_EVENT_OFF);
        feed->more = sd_event_source_disable_unref(feed->more);
        closep(&feed->feed_fd);
        feed->feed_fd = -1;
}

static bool has_had_turn(const BusFeed *feed) {
        return machine_now_usec() >= feed->turn_until_usec;
}

/* Has sd-bus handle what it was given, and what that makes it do, before it is given more. What a reply of
 * the driver brings about is in its turn, too: the call that waited for it is the next message. */
static int process(BusFeed *feed) {
        const unsigned n_least = feed->is_reply ? 2 : 1;
        int r = 1;

        for (unsigned i = 0; i < TURN_MAX && r > 0 && (i < n_least || !has_had_turn(feed)); i++)
                r = sd_bus_process(feed->bus, NULL);
        feed->is_reply = false;

        feed->is_busy = r > 0;
        return r < 0 ? r : FEED_DONE;
}

/* Passes on a piece of what is to be passed on. */
static int pass(BusFeed *feed) {
        size_t n = feed->n_passing < bus_stream_size(&feed->stream) ? (size_t) feed->n_passing :
                                                                      bus_stream_size(&feed->stream);
        ssize_t given;
        int r;

        if (n == 0)
                return FEED_INCOMPLETE;

        given = bus_stream_pass(&feed->stream, feed->feed_fd, n, feed->n_passing_descriptors);
        if (given < 0 && given != -EAGAIN && given != -EINTR)
                return (int) given;
        if (given > 0) {
                feed->n_passing -= (uint64_t) given;
                feed->n_passing_descriptors = 0;
        }
        r = process(feed);
        return r >= 0 && given < 0 ? FEED_LATER : r;
}

/* The bus's side of the authentication is lines of text, none of which begins as messages do. */
static int pass_line(BusFeed *feed) {
        const uint8_t *line = bus_stream_next(&feed->stream), *line_end;
        size_t n = bus_stream_size(&feed->stream);

        if (n == 0)
                return FEED_INCOMPLETE;
        if (*line == 'l' || *line == 'B') {
                feed->is_authenticated = true;
                return FEED_DONE;
        }

        line_end = memchr(line, '\n', n);
        if (line_end)
                n = (size_t) (line_end + 1 - line);
        if (feed->n_authentication + n > AUTHENTICATION_MAX)
                return -EBADMSG;
        if (!line_end)
                return FEED_INCOMPLETE;
        feed->n_authentication += n;
        feed->n_passing = n;
        return pass(feed);
}

/* Tells who sent a message that it is not taken. */
static int refuse(BusFeed *feed) {
        const Frame *frame = &feed->frame;
        int r;

        r = service_hear_bus(feed->service);
        if (r < 0)
                return r;
        if (!frame_expects_reply(frame) || !*frame->sender || service_bus_is_congested(feed->service))
                return 0;

        return failure_reply_frame(feed->service->machine, -ERROR_TOO_LARGE, feed->bus, frame);
}

/* Lets a message go by. */
static int pass_over(BusFeed *feed) {
        Frame *frame = &feed->frame;
        int r;

        while (!frame_is_whole(frame)) {
                if (bus_stream_size(&feed->stream) == 0)
                        return FEED_INCOMPLETE;
                r = frame_follow(
                        frame, bus_stream_next(&feed->stream), bus_stream_size(&feed->stream), false);
                if (r < 0)
                        return r;
                bus_stream_skip(&feed->stream, (size_t) r);
        }

        bus_stream_drop(&feed->stream, frame->n_descriptors);
        feed->is_passed_over = false;
        r = refuse(feed);
        feed->frame = (Frame) { 0 };
        /* Nobody has a name that is none. */
        return r < 0 && r != -EINVAL ? r : FEED_DONE;
}

/* Answers the message that is next, if that can be done without sd-bus. Returns 1, 0 if it cannot, or an
 * error. */
static int answer(BusFeed *feed) {
        _cleanup_(caller_unrefp) Caller *caller = NULL;
        uint64_t n_queued = 0;
        int r;

        if (frame_size(&feed->frame) > USUAL_CALL_MAX || sd_bus_is_ready(feed->bus) <= 0 ||
            !usual_call_is(&feed->frame, bus_stream_next(&feed->stream), true))
                return 0;
        /* What sd-bus says comes first. */
        if (sd_bus_get_n_queued_write(feed->bus, &n_queued) < 0 || n_queued > 0)
                return 0;

        caller = callers_recall(feed->service->callers, feed->frame.sender);
        if (!caller)
                return 0;
        /* Before it is answered: what was said to those before has been taken by then. */
        r = service_hear_bus(feed->service);
        if (r >= 0)
                r = usual_call_answer(feed->service, caller, &feed->frame, feed->stream.fd);
        if (r > 0)
                bus_stream_skip(&feed->stream, (size_t) frame_size(&feed->frame));
        return r;
}

/* Whether the message is one that may be passed on. Its fields must find room, so that they can be looked
 * at. */
static bool is_acceptable(const Frame *frame) {
        return frame_size(frame) <= (frame_is_call(frame) ? BUS_FEED_CALL_MAX : BUS_FEED_REPLY_MAX) &&
                frame_body_offset(frame) <= BUS_STREAM_SIZE;
}

/* Whether somebody takes the descriptors that come with it: of calls it is those that name a process so. */
static bool takes_descriptors(BusFeed *feed) {
        return !frame_is_call(&feed->frame) ||
                frame_text_is(&feed->frame, bus_stream_next(&feed->stream), FRAME_SIGNATURE, "h");
}

/* The same once its fields were. Besides calls it is only the driver who has something to say; and the
 * descriptors of a message come with its beginning, so that none is to come. sd-bus takes them anew, for
 * which there must be room. */
static bool is_wanted(BusFeed *feed) {
        const Frame *frame = &feed->frame;

        return (frame_is_call(frame) || strcmp(frame->sender, "org.freedesktop.DBus") == 0) &&
                bus_stream_has(&feed->stream, frame->n_descriptors) &&
                (frame->n_descriptors == 0 || !takes_descriptors(feed) || !descriptors_are_scarce());
}

/* Lets go of descriptors that nobody takes: they would be held as long as the call waits. The field that
 * speaks of them becomes one that nobody knows. */
static void strip_descriptors(BusFeed *feed) {
        uint8_t *data = bus_stream_next(&feed->stream);
        Frame again = { 0 };

        (void) frame_follow(&again, data, FRAME_HEADER_SIZE, true);
        (void) frame_follow(&again,
                            data + FRAME_HEADER_SIZE,
                            (size_t) frame_body_offset(&feed->frame) - FRAME_HEADER_SIZE,
                            true);
        bus_stream_drop(&feed->stream, feed->frame.n_descriptors);
        feed->frame.n_descriptors = 0;
}

/* Looks at the header of the message that is next. */
static int begin_message(BusFeed *feed) {
        if (bus_stream_size(&feed->stream) < FRAME_HEADER_SIZE)
                return FEED_INCOMPLETE;

        return frame_follow(&feed->frame, bus_stream_next(&feed->stream), FRAME_HEADER_SIZE, false);
}

/* Looks at its fields; the header was. */
static int follow_fields(BusFeed *feed) {
        Frame *frame = &feed->frame;
        size_t n = (size_t) frame_body_offset(frame) - FRAME_HEADER_SIZE;

        return n == 0 ? 0 :
                        frame_follow(frame, bus_stream_next(&feed->stream) + FRAME_HEADER_SIZE, n, false);
}

/* Deals with the message that is next, once there is enough of it. */
static int handle_message(BusFeed *feed) {
        Frame *frame = &feed->frame;
        uint64_t needed;
        int r;

        if (!frame_has_header(frame)) {
                r = begin_message(feed);
                if (r <= 0)
                        return r;
        }
        if (!is_acceptable(frame)) {
                bus_stream_skip(&feed->stream, FRAME_HEADER_SIZE);
                feed->is_passed_over = true;
                return pass_over(feed);
        }
        needed = frame_size(frame) <= BUS_STREAM_SIZE ? frame_size(frame) : frame_body_offset(frame);
        if (bus_stream_size(&feed->stream) < needed)
                return FEED_INCOMPLETE;
        r = follow_fields(feed);
        if (r < 0)
                return r;

        if (!is_wanted(feed)) {
                bus_stream_skip(&feed->stream, (size_t) frame_body_offset(frame));
                feed->is_passed_over = true;
                return pass_over(feed);
        }
        if (frame->n_descriptors > 0 && !takes_descriptors(feed))
                strip_descriptors(feed);
        r = answer(feed);
        if (r == 0) {
                feed->service->bus_message_size = (size_t) frame_size(frame);
                feed->is_reply = !frame_is_call(frame);
                feed->n_passing = frame_size(frame);
                feed->n_passing_descriptors = frame->n_descriptors;
        }
        *frame = (Frame) { 0 };
        if (r != 0)
                return r < 0 ? r : FEED_DONE;

        return pass(feed);
}

/* Does one piece of work with what was read. */
static int handle(BusFeed *feed) {
        if (feed->is_busy)
                return process(feed);
        if (feed->n_passing > 0)
                return pass(feed);
        if (!feed->is_authenticated)
                return pass_line(feed);
        if (feed->is_passed_over)
                return pass_over(feed);

        return handle_message(feed);
}

/* Whether all that came was passed on or passed over. */
static bool is_at_rest(const BusFeed *feed) {
        return bus_stream_size(&feed->stream) == 0 && feed->n_passing == 0 && !feed->is_passed_over;
}

/* Does some pieces of work. Returns 1 if there is more to be done with what was read, 0 if there is not, or
 * an error. */
static int serve(BusFeed *feed) {
        bool has_received = false;
        ssize_t n;

        feed->turn_until_usec = machine_now_usec() + TURN_USEC;
        for (unsigned i = 0; i < TURN_MAX && (i == 0 || !has_had_turn(feed));) {
                int r;

                r = handle(feed);
                if (r < 0)
                        return r;
                if (r == FEED_LATER)
                        return 1;
                if (r == FEED_DONE) {
                        i++;
                        continue;
                }
                if (has_received)
                        return 0;
                /* What no message spoke of. */
                if (is_at_rest(feed))
                        bus_stream_drop_all(&feed->stream);
                n = bus_stream_receive(&feed->stream);
                if (n == -EAGAIN || n == -EINTR)
                        return 0;
                if (n < 0)
                        return (int) n;
                has_received = true;
        }

        return feed->is_busy || bus_stream_size(&feed->stream) > 0;
}

/* What was read and did not have its turn is dealt with before more is read, in turns with others. */
static int on_bus(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        BusFeed *feed = userdata;
        int r;

        (void) fd;
        (void) events;

        r = serve(feed);
        if (r > 0) {
                r = turn_begin(feed->more);
                if (r >= 0)
                        r = sd_event_source_set_io_events(source, 0);
        }
        if (r < 0)
                end(feed);
        return 0;
}

static int on_more(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        BusFeed *feed = userdata;
        int r;

        (void) fd;
        (void) events;

        r = serve(feed);
        if (r > 0)
                return 0;
        if (r == 0)
                r = turn_end(source);
        if (r >= 0)
                r = sd_event_source_set_io_events(feed->io, EPOLLIN);
        if (r < 0)
                end(feed);
        return 0;
}

/* sd-bus reads from us, and writes to the bus. */
static int set_up_bus(BusFeed *feed, int *fd) {
        _cleanup_close_ int feed_fd = -1;
        int pair[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
                return -errno;
        feed->feed_fd = pair[0];
        feed_fd = pair[1];

        r = sd_bus_new(&feed->bus);
        if (r >= 0)
                r = sd_bus_set_fd(feed->bus, feed_fd, *fd);
        if (r < 0)
                return r;
        (void) take_fd(&feed_fd);
        (void) take_fd(fd);

        r = sd_bus_set_bus_client(feed->bus, true);
        if (r >= 0)
                r = sd_bus_negotiate_fds(feed->bus, true);
        return r < 0 ? r : sd_bus_start(feed->bus);
}

int bus_feed_new(Service *service, int fd, BusFeed **ret) {
        _cleanup_(bus_feed_freep) BusFeed *feed = NULL;
        _cleanup_close_ int owned_fd = fd;
        int r;

        assert(service);
        assert(fd >= 0);
        assert(ret);

        closer_start();
        feed = g_new0(BusFeed, 1);
        feed->service = service;
        feed->feed_fd = -1;
        r = bus_stream_begin(&feed->stream, fd);
        if (r >= 0)
                r = set_up_bus(feed, &owned_fd);
        if (r < 0)
                return r;

        *ret = take_ptr(&feed);
        return 0;
}

BusFeed *bus_feed_free(BusFeed *feed) {
        if (!feed)
                return NULL;

        end(feed);
        sd_event_source_disable_unref(feed->io);
        sd_bus_close_unref(feed->bus);
        bus_stream_done(&feed->stream);
        g_free(feed);
        return NULL;
}

sd_bus *bus_feed_bus(const BusFeed *feed) {
        assert(feed);

        return feed->bus;
}

int bus_feed_socket(const BusFeed *feed) {
        assert(feed);

        return feed->stream.fd;
}

int bus_feed_start(BusFeed *feed) {
        sd_event *event;
        int r;

        assert(feed);

        event = feed->service->event;
        r = turn_new(event, on_more, feed, &feed->more);
        if (r >= 0)
                r = sd_bus_attach_event(feed->bus, event, SD_EVENT_PRIORITY_NORMAL);
        return r < 0 ? r : sd_event_add_io(event, &feed->io, feed->stream.fd, EPOLLIN, on_bus, feed);
}

void bus_feed_end(BusFeed *feed) {
        assert(feed);

        (void) shutdown(feed->stream.fd, SHUT_RDWR);
}

void bus_feed_part(BusFeed *feed) {
        assert(feed);

        /* What still works on the stream finds that it is none. */
        (void) dup3(feed->stream.nothing_fd, feed->stream.fd, O_CLOEXEC);
}
