/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caller.h"
#include "cleanup.h"
#include "closer.h"
#include "descriptors.h"
#include "failure-reply.h"
#include "failure.h"
#include "intake.h"
#include "manager.h"
#include "own-call.h"
#include "peer-process.h"
#include "peer.h"
#include "stream.h"
#include "unit.h"
#include "unread.h"
#include "usual-call.h"

/* The kernel's buffer of what a peer has not read, which is charged to us, too. */
#define SEND_BUFFER_SIZE (64 * 1024)

/* Descriptors with one message, which are not used. */
#define DESCRIPTORS_MAX 16

#define CHUNK_SIZE 4096

struct Peer {
        Service *service;
        Caller *caller;
        int pidfd;       /* of the process that connected, until it is known who that is */
        Moment accepted; /* when it connected, where the kernel tells no more than its number */
        int fd;          /* of the peer; sd-bus has it, too, and writes to it */
        int parted_fd;   /* the same, when sd-bus has closed it */
        sd_bus *bus;     /* reads from the other end of 'feed_fd' */
        int feed_fd;
        Intake intake;

        /* What came from the peer and was not passed on yet. */
        uint8_t chunk[CHUNK_SIZE];
        size_t chunk_begin, chunk_end;

        bool is_at_rest;  /* sd-bus has handled all that came, and sent all that it said */
        bool is_welcome;  /* messages are handled */
        bool is_answered; /* a message was handled since this was set to false */
        Unread unread;
};

bool peer_is_idle(const Peer *peer) {
        int n = 0; /* what it has just said */

        assert(peer);

        return sd_bus_is_ready(peer->bus) > 0 && !unread_is_any(&peer->unread) &&
                ioctl(peer->fd, SIOCINQ, &n) >= 0 && n == 0;
}

/* What a client of a bus says first. Here there is no bus, and the name it is told has no meaning. */
static int answer_hello(sd_bus_message *message) {
        if (!sd_bus_message_is_method_call(message, "org.freedesktop.DBus", "Hello") ||
            strcmp(sd_bus_message_get_path(message), "/org/freedesktop/DBus") != 0)
                return 0;

        return sd_bus_reply_method_return(message, "s", ":1.1");
}

/* Finds out who connected. If that cannot be done, its calls get the error; but what we only lacked the
 * means for is tried again with the next one. */
static void identify(Peer *peer) {
        caller_unref(peer->caller);
        peer->caller = caller_new();
        peer->caller->r =
                peer_process_find(peer->service, peer->fd, &peer->accepted, &peer->pidfd, peer->caller);
        peer->caller->is_veiled = peer->caller->in_namespace;
        if (failure_is_passing(peer->caller->r))
                return;

        closep(&peer->pidfd);
        peer->pidfd = -1;
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Peer *peer = userdata;
        int r;

        (void) error;

        peer->is_answered = true;
        r = service_begin_message(peer->service, message);
        if (r != 0)
                return r;
        r = answer_hello(message);
        if (r != 0)
                return r;
        if (!own_call_is(message))
                return sd_bus_reply_method_errorf(message,
                                                  SD_BUS_ERROR_ACCESS_DENIED,
                                                  "On this socket a process is told of its own unit only.");

        r = service_check_arguments(message);
        if (r != 0)
                return r;

        /* Descriptors that nobody takes count as ours. */
        if (strcmp(sd_bus_message_get_member(message), "OpenMemory") == 0 && unread_is_any(&peer->unread))
                return failure_reply(peer->service->machine, -ERROR_LIMITS_EXCEEDED, message);

        if (failure_is_passing(peer->caller->r))
                identify(peer);
        peer->service->caller = caller_ref(peer->caller);
        return 0;
}

/* sd-bus reads from us, and writes to the peer. */
static int set_up_bus(Peer *peer, int *fd) {
        _cleanup_close_ int feed_fd = -1;
        sd_id128_t id;
        int pair[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
                return -errno;
        peer->feed_fd = pair[0];
        feed_fd = pair[1];

        r = sd_id128_randomize(&id);
        if (r >= 0)
                r = sd_bus_new(&peer->bus);
        if (r >= 0)
                r = sd_bus_set_fd(peer->bus, feed_fd, *fd);
        if (r < 0)
                return r;
        (void) take_fd(&feed_fd);
        peer->fd = peer->unread.fd = take_fd(fd);
        peer->unread.bus = peer->bus;

        /* What it claims to be is of no interest. */
        r = sd_bus_set_server(peer->bus, true, id);
        if (r >= 0)
                r = sd_bus_set_anonymous(peer->bus, true);
        if (r >= 0)
                r = sd_bus_negotiate_fds(peer->bus, true);
        return r;
}

int peer_new(Service *service, int fd, Peer **ret) {
        _cleanup_(peer_freep) Peer *peer = NULL;
        _cleanup_close_ int owned_fd = fd;
        int r;

        assert(service);
        assert(fd >= 0);
        assert(ret);

        peer = g_new0(Peer, 1);
        peer->service = peer->unread.service = service;
        peer->fd = peer->parted_fd = peer->feed_fd = peer->pidfd = -1;
        peer->accepted = MOMENT_NONE;

        r = set_up_bus(peer, &owned_fd);
        if (r < 0)
                return r;
        /* What fails here is tried again, and then told, when it is to be known who that is. */
        (void) peer_process_hold(service, peer->fd, &peer->accepted, &peer->pidfd);

        r = sd_bus_add_filter(peer->bus, NULL, on_message, peer);
        if (r >= 0)
                r = sd_bus_start(peer->bus);
        if (r < 0)
                return r;
        /* sd-bus has made it as large as it may. */
        (void) setsockopt(peer->fd, SOL_SOCKET, SO_SNDBUF, &(int) { SEND_BUFFER_SIZE }, sizeof(int));

        *ret = take_ptr(&peer);
        return 0;
}

Peer *peer_free(Peer *peer) {
        if (!peer)
                return NULL;

        unread_forget(&peer->unread);
        sd_bus_close_unref(peer->bus);
        closep(&peer->feed_fd);
        closep(&peer->parted_fd);
        closep(&peer->pidfd);
        caller_unref(peer->caller);
        moment_done(&peer->accepted);
        g_free(peer);
        return NULL;
}

bool peer_is_ready(const Peer *peer) {
        assert(peer);

        return sd_bus_is_ready(peer->bus) > 0;
}

/* Whether sd-bus has left something unread: it takes an interrupted read for one that found nothing. */
static bool is_fed(const Peer *peer) {
        int n = 0;

        return ioctl(peer->feed_fd, SIOCOUTQ, &n) >= 0 && n > 0;
}

/* What messages need, and the authentication does not: meanwhile the peer is told that it succeeded, and
 * writes its first message. */
static int welcome(Peer *peer) {
        int r;

        r = service_attach_own(peer->service, peer->bus);
        if (r < 0)
                return r;

        identify(peer);
        peer->is_welcome = true;
        return 0;
}

/* Passes on what of the chunk may be. The authentication is passed on first, alone: if sd-bus does not find
 * it good, what follows would not be read as messages. */
static int feed_chunk(Peer *peer) {
        uint8_t *data = peer->chunk + peer->chunk_begin;
        ssize_t sent;
        int n;

        if (intake_is_authenticated(&peer->intake) && !peer->is_welcome)
                return -EPROTO;

        n = intake_follow(&peer->intake, data, peer->chunk_end - peer->chunk_begin);
        if (n < 0)
                return n;
        /* There is room: sd-bus has read all there was. */
        sent = send(peer->feed_fd, data, (size_t) n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0)
                return -errno;
        if (sent != n)
                return -EIO;

        peer->is_at_rest = false;
        peer->chunk_begin += (size_t) n;
        return PEER_BUSY;
}

/* Answers what came, if that can be. Returns 1, 0 if sd-bus is to handle it, or an error. */
static int answer_at_once(Peer *peer) {
        Frame frame = { 0 };
        int r;

        if (!peer->is_at_rest || peer->chunk_end > USUAL_CALL_MAX ||
            !frame_follow_whole(&frame, peer->chunk, peer->chunk_end) ||
            !usual_call_is(&frame, peer->chunk, false))
                return 0;

        r = usual_call_answer(peer->service, peer->caller, &frame, peer->fd);
        if (r > 0)
                peer->chunk_begin = peer->chunk_end;
        return r;
}

/* Takes in what the peer has sent. */
static int take_in(Peer *peer) {
        size_t n_descriptors;
        ssize_t n;
        int r;

        if (peer->chunk_begin < peer->chunk_end)
                return feed_chunk(peer);
        if (closer_is_behind() && stream_brings_descriptors(peer->fd, peer->chunk, sizeof(peer->chunk)))
                return PEER_RESTS;

        n = stream_receive_bytes(peer->fd, peer->chunk, sizeof(peer->chunk), &n_descriptors);
        if (n == -EINTR)
                return PEER_BUSY;
        if (n == -EAGAIN)
                return is_fed(peer) ? PEER_BUSY : PEER_AWAITED;
        if (n <= 0)
                return n < 0 ? (int) n : -ECONNRESET;
        if (n_descriptors > DESCRIPTORS_MAX || (n_descriptors > 0 && descriptors_are_scarce()))
                return -E2BIG;

        peer->chunk_begin = 0;
        peer->chunk_end = (size_t) n;
        r = answer_at_once(peer);
        if (r != 0)
                return r < 0 ? r : PEER_AWAITED;
        return feed_chunk(peer);
}

/* Whether nothing is left of what came, and of what sd-bus has to say, when it has nothing to do. */
static bool is_at_rest(const Peer *peer) {
        return peer->chunk_begin == peer->chunk_end && intake_is_at_rest(&peer->intake) &&
                peer_is_ready(peer) && unread_count(&peer->unread) == 0 && !is_fed(peer);
}

int peer_serve(Peer *peer) {
        uint64_t before;
        int r, checked;

        assert(peer);

        if (peer->is_at_rest)
                return take_in(peer);

        before = unread_count(&peer->unread);
        peer->is_answered = false;
        r = sd_bus_process(peer->bus, NULL);
        if (r < 0)
                return r;
        if (sd_bus_is_open(peer->bus) <= 0)
                return -ECONNRESET;
        checked = unread_check(&peer->unread, before, peer->is_answered);
        if (checked < 0)
                return checked;

        if (r > 0)
                return PEER_BUSY;
        if (!peer->is_welcome && peer_is_ready(peer)) {
                r = welcome(peer);
                if (r < 0)
                        return r;
        }

        peer->is_at_rest = is_at_rest(peer);
        return take_in(peer);
}

/* Lets go of all but the stream, to which nothing more comes. */
static int shut(Peer *peer) {
        peer->parted_fd = fcntl(peer->fd, F_DUPFD_CLOEXEC, 3);
        if (peer->parted_fd < 0)
                return -errno;

        (void) shutdown(peer->parted_fd, SHUT_RDWR);
        unread_forget(&peer->unread);
        sd_bus_close(peer->bus);
        peer->bus = sd_bus_unref(peer->bus);
        closep(&peer->feed_fd);
        peer->feed_fd = -1;
        closep(&peer->pidfd);
        peer->pidfd = -1;
        peer->caller = caller_unref(peer->caller);
        return 0;
}

int peer_part(Peer *peer) {
        size_t n_descriptors;
        ssize_t n;
        int r;

        assert(peer);

        r = peer->parted_fd < 0 ? shut(peer) : 0;
        if (r < 0)
                return r;
        if (closer_is_behind() &&
            stream_brings_descriptors(peer->parted_fd, peer->chunk, sizeof(peer->chunk)))
                return PEER_RESTS;

        n = stream_receive_bytes(peer->parted_fd, peer->chunk, sizeof(peer->chunk), &n_descriptors);
        return n > 0 || n == -EINTR || n == -E2BIG ? PEER_BUSY : -ECONNRESET;
}

uint32_t peer_events(const Peer *peer) {
        assert(peer);

        return unread_count(&peer->unread) > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;
}
