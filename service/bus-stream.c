/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>

#include "bus-stream.h"
#include "cleanup.h"
#include "closer.h"
#include "descriptors.h"

int bus_stream_begin(BusStream *stream, int fd) {
        assert(stream);
        assert(fd >= 0);

        stream->begin = stream->end = stream->n_pending = 0;
        stream->nothing_fd = -1;
        stream->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (stream->fd < 0)
                return -errno;
        stream->nothing_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return stream->nothing_fd < 0 ? -errno : 0;
}

void bus_stream_done(BusStream *stream) {
        assert(stream);

        bus_stream_drop_all(stream);
        closep(&stream->fd);
        closep(&stream->nothing_fd);
}

/* Of what came only the descriptors of processes are kept, which take no time to close. */
static int keep_descriptors(BusStream *stream, const StreamDescriptors *came) {
        if (came->n + came->is_cut > BUS_STREAM_PENDING_MAX - stream->n_pending) {
                closer_close(came->fds, came->n);
                return -E2BIG;
        }

        for (size_t i = 0; i < came->n; i++) {
                int fd = came->fds[i];

                if (!descriptors_is_of_process(fd)) {
                        closer_close(&fd, 1);
                        fd = BUS_STREAM_OTHER;
                }
                stream->pending[stream->n_pending++] = fd;
        }
        if (came->is_cut)
                stream->pending[stream->n_pending++] = BUS_STREAM_LOST;
        return 0;
}

ssize_t bus_stream_receive(BusStream *stream) {
        StreamDescriptors descriptors;
        ssize_t n;
        int r;

        assert(stream);

        memmove(stream->buffer, bus_stream_next(stream), bus_stream_size(stream));
        stream->end -= stream->begin;
        stream->begin = 0;
        assert(stream->end < sizeof(stream->buffer));

        n = stream_receive(stream->fd,
                           stream->buffer + stream->end,
                           sizeof(stream->buffer) - stream->end,
                           &descriptors);
        if (n <= 0)
                return n < 0 ? n : -ECONNRESET;
        stream->end += (size_t) n;

        r = keep_descriptors(stream, &descriptors);
        return r < 0 ? r : n;
}

ssize_t bus_stream_pass(BusStream *stream, int fd, size_t n, size_t n_descriptors) {
        int fds[STREAM_DESCRIPTORS_MAX];
        ssize_t sent;

        assert(stream);
        assert(n <= bus_stream_size(stream));
        assert(bus_stream_has(stream, n_descriptors));

        for (size_t i = 0; i < n_descriptors; i++)
                fds[i] = stream->pending[i] == BUS_STREAM_OTHER ? stream->nothing_fd : stream->pending[i];
        sent = stream_send(fd, bus_stream_next(stream), n, fds, n_descriptors);
        if (sent < 0)
                return sent;

        bus_stream_skip(stream, (size_t) sent);
        bus_stream_drop(stream, n_descriptors);
        return sent;
}

void bus_stream_skip(BusStream *stream, size_t n) {
        assert(stream);
        assert(n <= bus_stream_size(stream));

        stream->begin += n;
}

/* Of the next 'n' how many there are. What is lost is the rest of those of one message. */
static size_t count_pending(const BusStream *stream, size_t n) {
        size_t i = 0;

        while (i < n && i < stream->n_pending && stream->pending[i] != BUS_STREAM_LOST)
                i++;
        return i;
}

bool bus_stream_has(const BusStream *stream, size_t n_descriptors) {
        assert(stream);

        return n_descriptors <= STREAM_DESCRIPTORS_MAX &&
                count_pending(stream, n_descriptors) == n_descriptors;
}

static void drop_pending(BusStream *stream, size_t n) {
        for (size_t i = 0; i < n; i++)
                closep(&stream->pending[i]);
        stream->n_pending -= n;
        memmove(stream->pending, stream->pending + n, stream->n_pending * sizeof(int));
}

void bus_stream_drop(BusStream *stream, size_t n_descriptors) {
        size_t n;

        assert(stream);

        n = count_pending(stream, n_descriptors);
        drop_pending(stream, n < n_descriptors && n < stream->n_pending ? n + 1 : n);
}

void bus_stream_drop_all(BusStream *stream) {
        assert(stream);

        drop_pending(stream, stream->n_pending);
}
