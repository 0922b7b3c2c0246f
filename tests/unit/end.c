/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "end.h"

#include <glib.h>
#include <sys/socket.h>

sd_bus *end_new(int fd, bool is_server) {
        sd_bus *end = NULL;

        g_assert_cmpint(sd_bus_new(&end), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(end, fd, fd), >=, 0);
        if (is_server)
                g_assert_cmpint(sd_bus_set_server(end, true, SD_ID128_NULL), >=, 0);
        g_assert_cmpint(sd_bus_set_anonymous(end, is_server), >=, 0);
        return end;
}

void end_set_buffer(sd_bus *end, int size) {
        int r;

        r = setsockopt(sd_bus_get_fd(end), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        g_assert_cmpint(r, ==, 0);
}

void end_turn(sd_bus *end) {
        int r;

        while ((r = sd_bus_process(end, NULL)) > 0)
                ;
        g_assert_cmpint(r, >=, 0);
}
