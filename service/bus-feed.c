/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus-feed.h"
#include "bus-messages.h"
#include "cleanup.h"
#include "closer.h"
#include "turn.h"

struct BusFeed {
        BusMessages messages; /* of the bus, and to the connection, which is ours */
        sd_event_source *io;
        sd_event_source *more; /* a turn.h, for what was read and did not have its turn */
};

/* There is nothing more to come: sd-bus sees the end. What watches the socket lives as long as that, for it
 * may be watched on, where epoll_ctl() fails. */
static void end(BusFeed *feed) {
        (void) sd_event_source_set_enabled(feed->io, SD_EVENT_OFF);
        feed->more = sd_event_source_disable_unref(feed->more);
        bus_messages_end(&feed->messages);
}

/* What was read and did not have its turn is dealt with before more is read, in turns with others. */
static int on_bus(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        BusFeed *feed = userdata;
        int r;

        (void) fd;
        (void) events;

        r = bus_messages_serve(&feed->messages);
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

        r = bus_messages_serve(&feed->messages);
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
        feed->messages.feed_fd = pair[0];
        feed_fd = pair[1];

        r = sd_bus_new(&feed->messages.bus);
        if (r >= 0)
                r = sd_bus_set_fd(feed->messages.bus, feed_fd, *fd);
        if (r < 0)
                return r;
        (void) take_fd(&feed_fd);
        (void) take_fd(fd);

        r = sd_bus_set_bus_client(feed->messages.bus, true);
        if (r >= 0)
                r = sd_bus_negotiate_fds(feed->messages.bus, true);
        return r < 0 ? r : sd_bus_start(feed->messages.bus);
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
        r = bus_messages_begin(&feed->messages, service, fd);
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
        sd_bus_close_unref(feed->messages.bus);
        bus_messages_done(&feed->messages);
        g_free(feed);
        return NULL;
}

sd_bus *bus_feed_bus(const BusFeed *feed) {
        assert(feed);

        return feed->messages.bus;
}

int bus_feed_socket(const BusFeed *feed) {
        assert(feed);

        return feed->messages.stream.fd;
}

int bus_feed_start(BusFeed *feed) {
        sd_event *event;
        int r;

        assert(feed);

        event = feed->messages.service->event;
        r = turn_new(event, on_more, feed, &feed->more);
        if (r >= 0)
                r = sd_bus_attach_event(feed->messages.bus, event, SD_EVENT_PRIORITY_NORMAL);
        return r < 0 ? r :
                       sd_event_add_io(event, &feed->io, feed->messages.stream.fd, EPOLLIN, on_bus, feed);
}

void bus_feed_end(BusFeed *feed) {
        assert(feed);

        (void) shutdown(feed->messages.stream.fd, SHUT_RDWR);
}

void bus_feed_part(BusFeed *feed) {
        assert(feed);

        /* What still works on the stream finds that it is none. */
        (void) dup3(feed->messages.stream.nothing_fd, feed->messages.stream.fd, O_CLOEXEC);
}
