/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "partial.h"

#define PATIENCE_MSEC 20000
#define SETTLE_USEC 50000
#define QUIET_USEC 300

/* What the kernel writes may be more with each version. */
#define SPACE 1024

struct Supervisor {
        Fault *fault;
        int fd, given_fd; /* where the listener comes from */
        pthread_t thread;
        atomic_uint n;       /* how many calls there were */
        atomic_bool is_idle; /* the last of them waits for events */
};

typedef union Notification {
        struct seccomp_notif notification;
        char space[SPACE];
} Notification;

static int receive_listener(int fd, pid_t *ret_pid) {
        pid_t pid;
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control;
        struct iovec iov = { .iov_base = &pid, .iov_len = sizeof(pid) };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        int listener_fd;

        if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != sizeof(pid) || !CMSG_FIRSTHDR(&message))
                return -1;
        memcpy(&listener_fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        *ret_pid = pid;
        return listener_fd;
}

bool supervisor_is_wait(int number) {
        switch (number) {
#ifdef SYS_epoll_wait
        case SYS_epoll_wait:
#endif
        case SYS_epoll_pwait:
#ifdef SYS_epoll_pwait2
        case SYS_epoll_pwait2:
#endif
                return true;
        default:
                return false;
        }
}

/* Decides what becomes of a call. Returns true if it is made as it is. */
static bool decide(Supervisor *supervisor,
                   const struct seccomp_notif *notification,
                   int pidfd,
                   pid_t pid,
                   struct seccomp_notif_resp *response) {
        Fault *fault = supervisor->fault;
        int kind = fault->kind;
        int number = notification->data.nr;
        ssize_t n;

        if (number < FAULT_NUMBER_MAX)
                fault->made[number] = true;
        if (kind == FAULT_NONE || (fault->hit >= 0 && !fault->is_lasting))
                return true;
        if ((kind < 0 && !partial_is_read(number)) || (fault->only != FAULT_ANY && fault->only != number))
                return true;
        if (++fault->n != fault->at && fault->hit < 0)
                return true;

        if (kind > 0) {
                response->error = -kind;
                fault->hit = number;
                return false;
        }

        n = partial_read(&notification->data, pidfd, pid, kind);
        if (n < 0) {
                fault->n--; /* there was not enough to read: the next one is tried */
                return true;
        }
        response->val = n;
        fault->hit = number;
        return false;
}

static void supervise(Supervisor *supervisor, int listener_fd, int pidfd, pid_t pid) {
        for (;;) {
                struct pollfd polled = { .fd = listener_fd, .events = POLLIN };
                struct seccomp_notif_resp response = { 0 };
                Notification space = { .space = { 0 } };

                if (poll(&polled, 1, -1) < 0)
                        continue;
                if (!(polled.revents & POLLIN))
                        return; /* nobody is left */
                if (ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_RECV, &space) < 0)
                        continue;

                supervisor->is_idle = false;
                supervisor->n++;
                response.id = space.notification.id;
                if (decide(supervisor, &space.notification, pidfd, pid, &response)) {
                        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
                        supervisor->is_idle = supervisor_is_wait(space.notification.data.nr);
                }
                /* It may have been killed meanwhile. */
                (void) ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SEND, &response);
        }
}

static void *run(void *pointer) {
        Supervisor *supervisor = pointer;
        int listener_fd, pidfd;
        pid_t pid;

        listener_fd = receive_listener(supervisor->fd, &pid);
        if (listener_fd < 0)
                return NULL;
        pidfd = (int) syscall(SYS_pidfd_open, pid, 0);
        supervise(supervisor, listener_fd, pidfd, pid);
        close(pidfd);
        close(listener_fd);
        return NULL;
}

Supervisor *supervisor_new(Fault *fault, int *ret_fd) {
        Supervisor *supervisor = g_new0(Supervisor, 1);
        int pair[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
        g_assert_cmpint(fcntl(pair[1], F_SETFD, 0), ==, 0);
        supervisor->fault = fault;
        supervisor->fd = pair[0];
        supervisor->given_fd = pair[1];
        g_assert_cmpint(pthread_create(&supervisor->thread, NULL, run, supervisor), ==, 0);

        *ret_fd = supervisor->given_fd;
        return supervisor;
}

void supervisor_settle(Supervisor *supervisor) {
        gint64 now = g_get_monotonic_time(), end = now + SETTLE_USEC;
        unsigned n;

        do {
                n = supervisor->n;
                g_usleep(QUIET_USEC);
                now = g_get_monotonic_time();
        } while ((!supervisor->is_idle || supervisor->n != n) && now < end);
}

void supervisor_free(Supervisor *supervisor) {
        g_assert_cmpint(shutdown(supervisor->fd, SHUT_RDWR), ==, 0);
        g_assert_cmpint(pthread_join(supervisor->thread, NULL), ==, 0);
        close(supervisor->fd);
        close(supervisor->given_fd);
        g_free(supervisor);
}
