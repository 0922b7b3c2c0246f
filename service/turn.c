/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "cleanup.h"
#include "turn.h"

int turn_new(sd_event *event, sd_event_io_handler_t handler, void *userdata, sd_event_source **ret) {
        _cleanup_(sd_event_source_unrefp) sd_event_source *source = NULL;
        _cleanup_close_ int fd = -1;
        int r;

        assert(event);
        assert(handler);
        assert(ret);

        /* A descriptor that can always be read. */
        fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
        if (fd < 0)
                return -errno;

        r = sd_event_add_io(event, &source, fd, 0, handler, userdata);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(source, true);
        if (r < 0)
                return r;
        (void) take_fd(&fd);

        *ret = take_ptr(&source);
        return 0;
}

int turn_begin(sd_event_source *source) {
        return sd_event_source_set_io_events(source, EPOLLIN);
}

int turn_end(sd_event_source *source) {
        return sd_event_source_set_io_events(source, 0);
}
