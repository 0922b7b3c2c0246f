/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "bus-feed.h"
#include "caller.h"
#include "callers.h"
#include "cleanup.h"
#include "closer.h"
#include "descriptors.h"
#include "failure-reply.h"
#include "frame.h"
#include "names.h"
#include "stream.h"
#include "turn.h"
#include "usual-call.h"

#define AUTHENTICATION_MAX 4096 /* bytes of what the bus says before messages */
#define TURN_MAX 4              /* messages, before it is the turn of others */
#define PENDING_MAX 512         /* descriptors of messages that have not come whole */

struct BusFeed {
        Service *service;
        sd_bus *bus;    /* reads from the other end of 'feed_fd', and writes to the bus */
        int fd;         /* of the bus; sd-bus has one of its own */
        int feed_fd;    /* -1 after the end */
        int nothing_fd; /* what sd-bus gets instead of a descriptor that it shall not have */
        sd_event_source *io;
        sd_event_source *more; /* a turn.h, for what was read and did not have its turn */

        /* What came and was not passed on yet. */
        uint8_t buffer[BUS_FEED_CALL_MAX];
        size_t begin, end;
        size_t n_authentication;
        bool is_authenticated;

        Frame frame; /* of the message that is next, or passed over */
        bool is_passed_over;
        bool is_busy;       /* sd-bus has not handled all that it was given */
        uint64_t n_passing; /* bytes of one that is being passed on, */
        size_t n_passing_descriptors;

        /* Descriptors that came, for this message and for those behind it; -1 for one that is none of a
         * process. */
        int pending[PENDING_MAX];
        size_t n_pending;
};

/* What a piece of work comes to. */
enum {
        FEED_INCOMPLETE, /* more must be read */
        FEED_DONE,       /* there may be more to do */
        FEED_LATER,      /* sd-bus must read first */
};

static size_t n_buffered(const BusFeed *feed) {
        return feed->end - feed->begin;
}

static uint8_t *next_bytes(BusFeed *feed) {
        return feed->buffer + feed->begin;
}

/* There is nothing more to come: sd-bus sees the end. */
static void end(BusFeed *feed) {
        feed->io = sd_event_source_disable_unref(feed->io);
        feed->more = sd_event_source_disable_unref(feed->more);
        closep(&feed->feed_fd);
        feed->feed_fd = -1;
}

static void drop_pending(BusFeed *feed, size_t n) {
        assert(n <= feed->n_pending);

        for (size_t i = 0; i < n; i++)
                closep(&feed->pending[i]);
        feed->n_pending -= n;
        memmove(feed->pending, feed->pending + n, feed->n_pending * sizeof(int));
}

/* Of what came only the descriptors of processes are kept, which take no time to close. */
static int keep_descriptors(BusFeed *feed, const StreamDescriptors *came) {
        for (size_t i = 0; i < came->n; i++) {
                int fd = came->fds[i];

                if (feed->n_pending == PENDING_MAX) {
                        closer_close(came->fds + i, came->n - i);
                        return -E2BIG;
                }
                if (!descriptors_is_of_process(fd)) {
                        closer_close(&fd, 1);
                        fd = -1;
                }
                feed->pending[feed->n_pending++] = fd;
        }

        return 0;
}

/* Whether all that came was passed on or passed over. */
static bool is_at_rest(const BusFeed *feed) {
        return n_buffered(feed) == 0 && feed->n_passing == 0 && !feed->is_passed_over;
}

/* Returns how much came, or a negative errno. */
static ssize_t receive(BusFeed *feed) {
        StreamDescriptors descriptors;
        ssize_t n;
        int r;

        /* What no message spoke of. */
        if (is_at_rest(feed))
                drop_pending(feed, feed->n_pending);

        memmove(feed->buffer, next_bytes(feed), n_buffered(feed));
        feed->end -= feed->begin;
        feed->begin = 0;
        assert(feed->end < sizeof(feed->buffer));

        n = stream_receive(
                feed->fd, feed->buffer + feed->end, sizeof(feed->buffer) - feed->end, &descriptors);
        if (n <= 0)
                return n < 0 ? n : -ECONNRESET;
        feed->end += (size_t) n;

        r = keep_descriptors(feed, &descriptors);
        return r < 0 ? r : n;
}

/* Gives sd-bus the next 'n' bytes, or fewer, with the first descriptors. Returns how many. */
static ssize_t give(BusFeed *feed, size_t n, size_t n_descriptors) {
        union {
                struct cmsghdr header;
                uint8_t space[CMSG_SPACE(sizeof(int) * STREAM_DESCRIPTORS_MAX)];
        } control = { .header = { .cmsg_level = SOL_SOCKET,
                                  .cmsg_type = SCM_RIGHTS,
                                  .cmsg_len = CMSG_LEN(sizeof(int) * n_descriptors) } };
        struct iovec iov = { .iov_base = next_bytes(feed), .iov_len = n };
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
        int fds[STREAM_DESCRIPTORS_MAX];
        ssize_t sent;

        assert(n_descriptors <= STREAM_DESCRIPTORS_MAX && n_descriptors <= feed->n_pending);

        if (n_descriptors > 0) {
                for (size_t i = 0; i < n_descriptors; i++)
                        fds[i] = feed->pending[i] < 0 ? feed->nothing_fd : feed->pending[i];
                memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_descriptors);
                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n_descriptors);
        }
        sent = sendmsg(feed->feed_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
                return -errno;

        feed->begin += (size_t) sent;
        drop_pending(feed, n_descriptors);
        return sent;
}

/* Has sd-bus handle what it was given, and what that makes it do, before it is given more. */
static int process(BusFeed *feed) {
        int r = 1;

        for (unsigned i = 0; i < TURN_MAX && r > 0; i++)
                r = sd_bus_process(feed->bus, NULL);

        feed->is_busy = r > 0;
        return r < 0 ? r : FEED_DONE;
}

/* Passes on a piece of what is to be passed on. */
static int pass(BusFeed *feed) {
        size_t n = feed->n_passing < n_buffered(feed) ? (size_t) feed->n_passing : n_buffered(feed);
        ssize_t given;
        int r;

        if (n == 0)
                return FEED_INCOMPLETE;

        given = give(feed, n, feed->n_passing_descriptors);
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
        const uint8_t *line = next_bytes(feed), *line_end;

        if (n_buffered(feed) == 0)
                return FEED_INCOMPLETE;
        if (*line == 'l' || *line == 'B') {
                feed->is_authenticated = true;
                return FEED_DONE;
        }

        line_end = memchr(line, '\n', n_buffered(feed));
        if (feed->n_authentication + n_buffered(feed) > AUTHENTICATION_MAX)
                return -EBADMSG;
        if (!line_end)
                return FEED_INCOMPLETE;
        feed->n_passing = (uint64_t) (line_end + 1 - line);
        feed->n_authentication += (size_t) feed->n_passing;
        return pass(feed);
}

/* Tells who sent a message that it is not taken. */
static int refuse(BusFeed *feed) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
        const Frame *frame = &feed->frame;
        int r;

        r = service_hear_bus(feed->service);
        if (r < 0)
                return r;
        if (!frame_expects_reply(frame) || !*frame->sender || service_bus_is_congested(feed->service))
                return 0;

        /* What we know of the call is enough for a reply. */
        r = sd_bus_message_new_method_call(feed->bus, &call, NULL, "/", NULL, "Refused");
        if (r >= 0)
                r = sd_bus_message_set_sender(call, frame->sender);
        if (r >= 0)
                r = sd_bus_message_seal(call, frame_serial(frame), 0);
        if (r < 0)
                return r;

        return sd_bus_reply_method_errorf(
                call,
                MYMEM_ERROR_LIMITS_EXCEEDED,
                "A call of that size, or with that many descriptors, is not taken.");
}

/* Lets a message go by. */
static int pass_over(BusFeed *feed) {
        Frame *frame = &feed->frame;
        int r;

        while (!frame_is_whole(frame)) {
                if (n_buffered(feed) == 0)
                        return FEED_INCOMPLETE;
                r = frame_follow(frame, next_bytes(feed), n_buffered(feed), false);
                if (r < 0)
                        return r;
                feed->begin += (size_t) r;
        }

        drop_pending(feed, MIN(frame->n_descriptors, feed->n_pending));
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
            !usual_call_is(&feed->frame, next_bytes(feed), true))
                return 0;
        /* What sd-bus says comes first. */
        if (sd_bus_get_n_queued_write(feed->bus, &n_queued) < 0 || n_queued > 0)
                return 0;

        caller = callers_recall(feed->service->callers, feed->frame.sender);
        if (!caller)
                return 0;
        r = usual_call_answer(feed->service, caller, &feed->frame, feed->fd);
        if (r <= 0)
                return r;
        feed->begin += (size_t) frame_size(&feed->frame);
        r = service_hear_bus(feed->service);
        return r < 0 ? r : 1;
}

/* Whether the message is one that may be passed on. Its fields must find room, so that they can be looked
 * at. */
static bool is_acceptable(const Frame *frame) {
        return frame_size(frame) <= (frame_is_call(frame) ? BUS_FEED_CALL_MAX : BUS_FEED_REPLY_MAX) &&
                frame_body_offset(frame) <= BUS_FEED_CALL_MAX;
}

/* Looks at the header of the message that is next. */
static int begin_message(BusFeed *feed) {
        if (n_buffered(feed) < FRAME_HEADER_SIZE)
                return FEED_INCOMPLETE;

        return frame_follow(&feed->frame, next_bytes(feed), FRAME_HEADER_SIZE, false);
}

/* Looks at its fields; the header was. */
static int follow_fields(BusFeed *feed) {
        Frame *frame = &feed->frame;
        size_t n = (size_t) frame_body_offset(frame) - FRAME_HEADER_SIZE;

        return n == 0 ? 0 : frame_follow(frame, next_bytes(feed) + FRAME_HEADER_SIZE, n, false);
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
                feed->begin += FRAME_HEADER_SIZE;
                feed->is_passed_over = true;
                return pass_over(feed);
        }
        needed = frame_size(frame) <= sizeof(feed->buffer) ? frame_size(frame) : frame_body_offset(frame);
        if (n_buffered(feed) < needed)
                return FEED_INCOMPLETE;
        r = follow_fields(feed);
        if (r < 0)
                return r;

        if (frame->n_descriptors > MIN(feed->n_pending, STREAM_DESCRIPTORS_MAX)) {
                /* They come with the beginning of a message, so that none is to come. */
                drop_pending(feed, feed->n_pending);
                feed->begin += (size_t) frame_body_offset(frame);
                feed->is_passed_over = true;
                return pass_over(feed);
        }
        r = answer(feed);
        if (r == 0) {
                feed->service->bus_message_size = (size_t) frame_size(frame);
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

/* Does some pieces of work. Returns 1 if there is more to be done with what was read, 0 if there is not, or
 * an error. */
static int serve(BusFeed *feed) {
        bool has_received = false;
        ssize_t n;

        for (unsigned i = 0; i < TURN_MAX;) {
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
                n = receive(feed);
                if (n == -EAGAIN || n == -EINTR)
                        return 0;
                if (n < 0)
                        return (int) n;
                has_received = true;
        }

        return feed->is_busy || n_buffered(feed) > 0;
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
        feed->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        feed->nothing_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (feed->fd < 0 || feed->nothing_fd < 0)
                return -errno;

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
        drop_pending(feed, feed->n_pending);
        sd_bus_close_unref(feed->bus);
        closep(&feed->fd);
        closep(&feed->nothing_fd);
        g_free(feed);
        return NULL;
}

sd_bus *bus_feed_bus(const BusFeed *feed) {
        assert(feed);

        return feed->bus;
}

int bus_feed_socket(const BusFeed *feed) {
        assert(feed);

        return feed->fd;
}

int bus_feed_start(BusFeed *feed) {
        sd_event *event;
        int r;

        assert(feed);

        event = feed->service->event;
        r = turn_new(event, on_more, feed, &feed->more);
        if (r >= 0)
                r = sd_bus_attach_event(feed->bus, event, SD_EVENT_PRIORITY_NORMAL);
        return r < 0 ? r : sd_event_add_io(event, &feed->io, feed->fd, EPOLLIN, on_bus, feed);
}

void bus_feed_end(BusFeed *feed) {
        assert(feed);

        (void) shutdown(feed->fd, SHUT_RDWR);
}
