/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nursery.h"

#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "group.h"
#include "stranger.h"

typedef enum Work {
        WORK_BEAR,
        WORK_CONNECT,
        WORK_BURY,
} Work;

typedef struct Order {
        Work work;
        pid_t number; /* to have, or to be buried; 0 for any */
} Order;

/* The next process in this namespace gets the number, if it is free. */
static void choose_next(pid_t number) {
        g_autofree char *text = g_strdup_printf("%d", number - 1);
        int fd;

        fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
        close(fd);
}

static void live(const char *address, int channel) {
        pid_t pid = getpid();

        if (address) {
                int fd = client_connect(address);

                g_assert_true(stranger_send_fds(channel, &pid, sizeof(pid), &fd, 1));
        } else
                g_assert_cmpint(write(channel, &pid, sizeof(pid)), ==, sizeof(pid));
        for (;;)
                (void) pause();
}

static void bury(pid_t pid, int channel) {
        g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
        g_assert_cmpint(write(channel, &pid, sizeof(pid)), ==, sizeof(pid));
}

static void run(const char *group, const char *address, int channel) {
        Order order;

        child_keep(&channel, 1);
        group_enter(group);
        child_tell(channel);
        while (read(channel, &order, sizeof(order)) == sizeof(order)) {
                if (order.work == WORK_BURY) {
                        bury(order.number, channel);
                        continue;
                }
                if (order.number > 0)
                        choose_next(order.number);
                if (child_fork() == 0)
                        live(order.work == WORK_CONNECT ? address : NULL, channel);
        }
        _exit(EXIT_SUCCESS);
}

void nursery_start(Nursery *nursery, const char *group, const char *address) {
        int pair[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
        nursery->pid = child_fork();
        if (nursery->pid == 0)
                run(group, address, pair[1]);
        close(pair[1]);
        nursery->channel = pair[0];
        g_assert_true(child_hear(nursery->channel));
}

void nursery_stop(Nursery *nursery) {
        close(nursery->channel);
        g_assert_cmpint(child_wait(nursery->pid, CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);
}

/* Has it do something, and returns the number of the process that this is about. */
static pid_t have_done(Nursery *nursery, Work work, pid_t number, int *ret_fd) {
        const Order order = { work, number };
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control;
        struct pollfd entry = { .fd = nursery->channel, .events = POLLIN };
        pid_t pid;
        struct iovec iov = { .iov_base = &pid, .iov_len = sizeof(pid) };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };

        g_assert_cmpint(write(nursery->channel, &order, sizeof(order)), ==, sizeof(order));
        g_assert_cmpint(poll(&entry, 1, CHILD_PATIENCE_SEC * 1000), ==, 1);
        g_assert_cmpint(recvmsg(nursery->channel, &message, MSG_CMSG_CLOEXEC), ==, sizeof(pid));
        if (ret_fd) {
                g_assert_cmpuint(message.msg_controllen, >, 0);
                memcpy(ret_fd, CMSG_DATA(&control.header), sizeof(*ret_fd));
        }
        return pid;
}

pid_t nursery_bear(Nursery *nursery) {
        return have_done(nursery, WORK_BEAR, 0, NULL);
}

pid_t nursery_connect(Nursery *nursery, int *ret_fd) {
        return have_done(nursery, WORK_CONNECT, 0, ret_fd);
}

pid_t nursery_bear_as(Nursery *nursery, pid_t number) {
        return have_done(nursery, WORK_BEAR, number, NULL);
}

void nursery_bury(Nursery *nursery, pid_t pid) {
        g_assert_cmpint(have_done(nursery, WORK_BURY, pid, NULL), ==, pid);
}
