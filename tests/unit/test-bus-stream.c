/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bus-stream.h"
#include "check.h"
#include "closer.h"

#define SENT "sent"
#define CLOSED_USEC (30 * G_USEC_PER_SEC)

/* A bus, what is read from it, and where that goes. */
typedef struct Ends {
        int bus_fd, fd, from_fd, to_fd;
        BusStream stream;
} Ends;

static void set_up(Ends *ends, const void *data) {
        int pair[2];

        (void) data;
        closer_start();
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
        ends->bus_fd = pair[0];
        ends->fd = pair[1];
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
        ends->from_fd = pair[0];
        ends->to_fd = pair[1];
        g_assert_cmpint(bus_stream_begin(&ends->stream, ends->fd), ==, 0);
}

static void tear_down(Ends *ends, const void *data) {
        (void) data;

        bus_stream_done(&ends->stream);
        close(ends->bus_fd);
        close(ends->fd);
        close(ends->from_fd);
        close(ends->to_fd);
}

/* The bus says something, with so many descriptors, all the same. */
static void say(const Ends *ends, int fd, size_t n) {
        int fds[STREAM_DESCRIPTORS_MAX];

        for (size_t i = 0; i < n; i++)
                fds[i] = fd;
        g_assert_cmpint(stream_send(ends->bus_fd, SENT, strlen(SENT), fds, n), ==, strlen(SENT));
}

static void hear(Ends *ends) {
        g_assert_cmpint(bus_stream_receive(&ends->stream), ==, strlen(SENT));
}

static int open_pidfd(void) {
        int fd = (int) syscall(SYS_pidfd_open, getpid(), 0);

        if (fd < 0)
                g_test_skip("the kernel has no descriptors of processes");
        return fd;
}

/* Passes on what has come with so many descriptors, and returns the kind of the last. */
static char *pass(Ends *ends, size_t n) {
        g_autofree char *path = NULL;
        StreamDescriptors got;
        char bytes[64];
        char *kind;

        g_assert_true(bus_stream_has(&ends->stream, n));
        g_assert_cmpint(bus_stream_pass(&ends->stream, ends->from_fd, strlen(SENT), n), ==, strlen(SENT));
        g_assert_cmpint(stream_receive(ends->to_fd, bytes, sizeof(bytes), &got), ==, strlen(SENT));
        g_assert_cmpmem(bytes, strlen(SENT), SENT, strlen(SENT));
        g_assert_cmpuint(got.n, ==, n);
        g_assert_false(got.is_cut);

        path = g_strdup_printf("/proc/self/fd/%d", n > 0 ? got.fds[n - 1] : ends->fd);
        kind = g_file_read_link(path, NULL);
        for (size_t i = 0; i < n; i++)
                close(got.fds[i]);
        return kind;
}

/* Only a process's descriptor is passed on as what it is. */
static void test_kinds(Ends *ends, const void *data) {
        int pidfd = open_pidfd();
        const struct {
                const char *name;
                int fd;
        } others[] = {
                { "a socket", ends->bus_fd },
                { "a queue of events", epoll_create1(EPOLL_CLOEXEC) },
                { "a file", open("/proc/self/status", O_RDONLY | O_CLOEXEC) },
                { "a device", open("/dev/null", O_RDONLY | O_CLOEXEC) },
                { "memory", memfd_create("anon_inode:[pidfd]", MFD_CLOEXEC) },
        };
        g_autofree char *passed = NULL;

        (void) data;
        if (pidfd < 0)
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
                g_autofree char *kind = NULL;

                g_assert_cmpint(others[i].fd, >=, 0);
                say(ends, others[i].fd, 2);
                hear(ends);
                kind = pass(ends, 2);
                check_text(others[i].name, kind, "anon_inode:[eventfd]");
                if (i > 0)
                        close(others[i].fd);
        }

        say(ends, pidfd, 2);
        hear(ends);
        passed = pass(ends, 2);
        g_assert_cmpstr(passed, ==, "anon_inode:[pidfd]");
        close(pidfd);
}

/* Whether descriptors belong to a message is told by their order; which has fewer is not made up for. */
static void test_order(Ends *ends, const void *data) {
        int pidfd = open_pidfd();

        (void) data;
        if (pidfd < 0)
                return;
        say(ends, ends->bus_fd, 1);
        say(ends, pidfd, 2);
        hear(ends);
        g_assert_false(bus_stream_has(&ends->stream, 2));
        hear(ends);
        g_assert_true(bus_stream_has(&ends->stream, 3));
        g_assert_false(bus_stream_has(&ends->stream, 4));
        g_free(pass(ends, 1));
        bus_stream_skip(&ends->stream, strlen(SENT));
        bus_stream_drop(&ends->stream, 2);
        g_assert_true(bus_stream_has(&ends->stream, 0));
        g_assert_false(bus_stream_has(&ends->stream, 1));
        bus_stream_drop(&ends->stream, 1);
        close(pidfd);
}

/* Leaves room for so many descriptors. */
static void set_room(struct rlimit *before, int n) {
        struct rlimit limit;
        int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);

        g_assert_cmpint(fd, >=, 0);
        close(fd);
        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, before), ==, 0);
        limit = (struct rlimit) { (rlim_t) fd + (rlim_t) n, before->rlim_max };
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
}

/* What is lost of a message for want of room is not replaced by what comes with the next. */
static void test_cut(Ends *ends, const void *data) {
        int pidfd = open_pidfd();
        struct rlimit before;

        (void) data;
        if (pidfd < 0)
                return;
        if (check_in_valgrind()) {
                g_test_skip("valgrind keeps the limit of descriptors to itself");
                return;
        }
        for (int room = 0; room < 3; room++) {
                say(ends, pidfd, 3);
                set_room(&before, room);
                hear(ends);
                g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
                g_assert_false(bus_stream_has(&ends->stream, 3));

                say(ends, pidfd, 3);
                hear(ends);
                g_assert_false(bus_stream_has(&ends->stream, 3));
                bus_stream_skip(&ends->stream, strlen(SENT));
                bus_stream_drop(&ends->stream, 3);
                g_assert_true(bus_stream_has(&ends->stream, 3));
                g_free(pass(ends, 3));
                g_assert_false(bus_stream_has(&ends->stream, 1));
        }
        close(pidfd);
}

/* However many come for a message that does not end. */
static void test_many(Ends *ends, const void *data) {
        int pidfd = open_pidfd();

        (void) data;
        if (pidfd < 0)
                return;
        for (size_t i = 0; i < BUS_STREAM_PENDING_MAX / STREAM_DESCRIPTORS_MAX; i++) {
                say(ends, pidfd, STREAM_DESCRIPTORS_MAX);
                hear(ends);
        }
        say(ends, pidfd, 1);
        g_assert_cmpint(bus_stream_receive(&ends->stream), ==, -E2BIG);
        bus_stream_drop_all(&ends->stream);
        g_assert_false(bus_stream_has(&ends->stream, 1));
        close(pidfd);

        shutdown(ends->bus_fd, SHUT_RDWR);
        g_assert_cmpint(bus_stream_receive(&ends->stream), ==, -ECONNRESET);
}

/* All that is opened is closed, by a thread that takes its time. It comes first: nothing is to be closed
 * yet. */
static void test_closed(void) {
        gint64 deadline = g_get_monotonic_time() + CLOSED_USEC;
        unsigned before = check_count_descriptors();
        Ends ends;
        int pidfd;

        set_up(&ends, NULL);
        pidfd = open_pidfd();
        if (pidfd >= 0) {
                say(&ends, pidfd, 5);
                hear(&ends);
                close(pidfd);
        }
        tear_down(&ends, NULL);
        while (check_count_descriptors() != before) {
                g_assert_cmpint(g_get_monotonic_time(), <, deadline);
                g_usleep(1000);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);

        closer_start();
#define ADD(name, test) g_test_add("/bus-stream/" name, Ends, NULL, set_up, test, tear_down)
        g_test_add_func("/bus-stream/closed", test_closed);
        ADD("kinds", test_kinds);
        ADD("order", test_order);
        ADD("cut", test_cut);
        ADD("many", test_many);
        return g_test_run();
}
