/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "cleanup.h"
#include "handout.h"
#include "names.h"
#include "size.h"

/* The message's descriptors go with it. */
static int keep(int fd) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

        return copy < 0 ? -errno : copy;
}

/* Reads one of the groups. Returns 1, 0 at the end, or an error. */
static int read_group(sd_bus_message *reply, OpenedGroup *group) {
        const char *path;
        int usage_fd, statistics_fd, r;

        r = sd_bus_message_read(
                reply, "(stthh)", &path, &group->max, &group->high, &usage_fd, &statistics_fd);
        if (r <= 0)
                return r;

        group->path = strdup(path);
        group->usage_fd = keep(usage_fd);
        group->statistics_fd = keep(statistics_fd);
        return group->path && group->usage_fd >= 0 && group->statistics_fd >= 0 ? 1 : -ENOMEM;
}

static int read_groups(sd_bus_message *reply, OpenedGroups *opened) {
        OpenedGroup group;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "(stthh)");
        while (r >= 0) {
                group = (OpenedGroup) { .usage_fd = -1, .statistics_fd = -1 };
                r = read_group(reply, &group);
                if (r == 0)
                        return 0;
                if (opened->n == OPENED_MAX) {
                        opened_group_done(&group);
                        return -E2BIG;
                }
                opened->groups[opened->n++] = group; /* also half of one, to be freed */
        }

        return r;
}

/* Reads the reply to OpenMemory: one of the groups is the reported one. */
static int read_opened(sd_bus_message *reply, OpenedGroups *opened) {
        const char *control_group;
        int r;

        r = sd_bus_message_read(reply, "s", &control_group);
        if (r >= 0)
                r = read_groups(reply, opened);
        if (r < 0)
                return r;

        for (size_t i = 0; i < opened->n; i++)
                if (strcmp(opened->groups[i].path, control_group) == 0) {
                        opened->reported = i;
                        return 0;
                }

        return -EBADMSG;
}

static int open_memory(Connection *connection, Asked *asked, OpenedGroups *opened) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        int r;

        if (connection_new_call(
                    connection, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "OpenMemory", &message) < 0)
                return 0;

        r = ask_call(connection, message, asked, &reply);
        if (r <= 0)
                return r;
        return read_opened(reply, opened) < 0 ? 0 : 1;
}

int handout_ask_over(Connection *connection, Handout *ret) {
        _cleanup_(handout_done) Handout handout = { 0 };
        _cleanup_(asked_done) Asked asked = { 0 };
        int r;

        assert(connection);
        assert(ret);

        r = open_memory(connection, &asked, &handout.opened);
        if (r > 0)
                r = ask_get_all(connection, MYMEM_SELF_PATH, ASK_ESSENTIALS, &asked);
        if (r <= 0) {
                ret->refusal = asked.refusal;
                return r;
        }

        *ret = handout;
        ret->snapshot = take_ptr(&asked.snapshot);
        ret->source = connection->source;
        handout = (Handout) { 0 };
        return 1;
}

static int ask_source(enum mymem_source source, uint64_t deadline_usec, Handout *ret) {
        _cleanup_(connection_done) Connection connection = { 0 };

        if (connection_open(source, deadline_usec, &connection) < 0)
                return 0;

        return handout_ask_over(&connection, ret);
}

int handout_ask(uint64_t socket_usec, uint64_t bus_usec, Handout *ret) {
        int r;

        assert(ret);

        *ret = (Handout) { 0 };
        r = ask_source(MYMEM_SOURCE_SOCKET, socket_usec, ret);
        return r == 0 ? ask_source(MYMEM_SOURCE_BUS, bus_usec, ret) : r;
}

void handout_done(Handout *handout) {
        assert(handout);

        opened_done(&handout->opened);
        handout->snapshot = snapshot_free(handout->snapshot);
}
