/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How many may be connected, for how long without a word, and what is left of those who were. */

#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "names.h"
#include "socket.h"
#include "stranger.h"

#define MAX_OF_USER 16
#define MAX_USERS 16 /* MAX_OF_USER each are all that may be connected */
#define PATIENCE_SEC 5
#define FIRST_UID 40000
#define NEEDED_FOR_PEER 5 /* descriptors; fewer would be no proof */

/* A process of another user that has connections. */
typedef struct Guest {
        pid_t pid;
        int let_go_fd; /* until this is closed */
        unsigned n;    /* so many of which were let in */
} Guest;

static void run_guest(
        const char *address, uid_t uid, unsigned n, pid_t parent, int report_fd, int let_go_fd) {
        g_autofree int *fds = g_new0(int, n);
        unsigned n_open = 0;

        g_assert_cmpint(setresgid(uid, uid, uid), ==, 0);
        g_assert_cmpint(setresuid(uid, uid, uid), ==, 0);
        child_bind(parent);
        for (unsigned i = 0; i < n; i++) {
                fds[i] = stranger_try(address);
                n_open += fds[i] >= 0;
        }
        /* All that were let in are served. */
        for (unsigned i = 0; i < n; i++)
                if (fds[i] >= 0)
                        g_assert_true(stranger_ping(fds[i], 7));
        g_assert_cmpint(write(report_fd, &n_open, sizeof(n_open)), ==, sizeof(n_open));
        g_assert_false(child_hear(let_go_fd));
        _exit(EXIT_SUCCESS);
}

/* Has 'uid' connect so often. */
static Guest guest_enter(const Socket *stage, uid_t uid, unsigned n) {
        int report[2], let_go[2];
        pid_t parent = getpid();
        Guest guest;

        g_assert_cmpint(pipe2(report, O_CLOEXEC), ==, 0);
        g_assert_cmpint(pipe2(let_go, O_CLOEXEC), ==, 0);
        guest.pid = child_fork();
        if (guest.pid == 0) {
                const int own[] = { report[1], let_go[0] };

                child_keep(own, G_N_ELEMENTS(own));
                run_guest(stage->address, uid, n, parent, report[1], let_go[0]);
        }
        close(report[1]);
        close(let_go[0]);
        guest.let_go_fd = let_go[1];
        g_assert_cmpint(read(report[0], &guest.n, sizeof(guest.n)), ==, sizeof(guest.n));
        close(report[0]);
        return guest;
}

static void guest_leave(Guest *guest) {
        close(guest->let_go_fd);
        g_assert_cmpint(child_wait(guest->pid, CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);
}

static bool is_root(void) {
        if (geteuid() == 0)
                return true;

        g_test_skip("only root can be somebody else");
        return false;
}

/* So many of one user, whoever else is there; and one more as soon as one goes. */
static void test_one_user(Socket *stage, const void *data) {
        int fds[MAX_OF_USER];

        (void) data;
        /* The stage's client is one of them. */
        for (size_t i = 1; i < MAX_OF_USER; i++)
                fds[i] = stranger_open(stage->address);
        for (unsigned i = 0; i < 3; i++)
                g_assert_cmpint(stranger_try(stage->address), <, 0);
        for (size_t i = 1; i < MAX_OF_USER; i++)
                g_assert_true(stranger_ping(fds[i], 7));

        /* A connection is gone when the service has noticed, which it does in its turn. */
        close(fds[1]);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        fds[1] = stranger_open(stage->address);
        for (size_t i = 1; i < MAX_OF_USER; i++)
                close(fds[i]);
}

static bool is_closed_within(int fd, int milliseconds) {
        struct pollfd entry = { .fd = fd };

        g_assert_cmpint(poll(&entry, 1, milliseconds), >=, 0);
        return entry.revents & POLLHUP;
}

/* Who has said nothing for longest makes room for another of the same user, but not who has not read their
 * answers, and not at once. */
static void test_idle(Socket *stage, const void *data) {
        static const WireCall ping = { .serial = 7,
                                       .path = MYMEM_MANAGER_PATH,
                                       .interface = "org.freedesktop.DBus.Peer",
                                       .member = "Ping" };
        gint64 start;
        int fds[MAX_OF_USER], fd;

        (void) data;
        for (size_t i = 1; i < MAX_OF_USER; i++)
                fds[i] = stranger_open(stage->address);
        /* The first has an answer to read; the second is the one. */
        g_assert_true(stranger_call(fds[1], &ping));
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        g_assert_true(stranger_ping(fds[2], 7));
        start = g_get_monotonic_time();
        for (size_t i = 3; i < MAX_OF_USER; i++)
                g_assert_true(stranger_ping(fds[i], 7));
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);

        while ((fd = stranger_try(stage->address)) < 0) {
                g_assert_cmpint(g_get_monotonic_time() - start, <, 6 * PATIENCE_SEC * G_USEC_PER_SEC);
                g_assert_false(is_closed_within(fds[2], 50));
        }
        g_assert_cmpint(g_get_monotonic_time() - start, >, (PATIENCE_SEC - 1) * G_USEC_PER_SEC);
        g_assert_true(stranger_ping(fd, 7));
        g_assert_true(is_closed_within(fds[2], 0));
        for (size_t i = 1; i < MAX_OF_USER; i++) {
                if (i != 2)
                        g_assert_true(stranger_ping(fds[i], 8));
                close(fds[i]);
        }
        close(fd);
}

static void test_other_users(Socket *stage, const void *data) {
        Guest first, second;

        (void) data;
        if (!is_root())
                return;
        first = guest_enter(stage, FIRST_UID, MAX_OF_USER + 4);
        g_assert_cmpuint(first.n, ==, MAX_OF_USER);
        second = guest_enter(stage, FIRST_UID + 1, MAX_OF_USER + 4);
        g_assert_cmpuint(second.n, ==, MAX_OF_USER);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        guest_leave(&first);
        guest_leave(&second);
}

static void test_in_all(Socket *stage, const void *data) {
        Guest guests[MAX_USERS], late;
        unsigned n = 1, descriptors; /* the stage's client */

        (void) data;
        if (!is_root())
                return;
        descriptors = socket_descriptors(stage);
        for (unsigned i = 0; i < MAX_USERS; i++) {
                guests[i] = guest_enter(stage, FIRST_UID + i, MAX_OF_USER);
                n += guests[i].n;
        }
        g_assert_cmpuint(n, ==, MAX_USERS * MAX_OF_USER);
        /* Who comes late takes from those who have more, until all have the same. */
        late = guest_enter(stage, FIRST_UID + MAX_USERS, MAX_OF_USER);
        g_assert_cmpuint(late.n, ==, MAX_OF_USER - 1);
        guest_leave(&late);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);

        for (unsigned i = 0; i < MAX_USERS; i++)
                guest_leave(&guests[i]);
        socket_settle(stage, descriptors);
        late = guest_enter(stage, FIRST_UID + MAX_USERS, 1);
        g_assert_cmpuint(late.n, ==, 1);
        guest_leave(&late);
}

/* A name for each connection that is not set up yet: how far it came. */
static void test_silent(Socket *stage, const void *data) {
        static const char *const words[] = { "",
                                             "\1",
                                             "\1AUTH EXTERNAL\r\n",
                                             "\1AUTH EXTERNAL\r\nDATA\r\n",
                                             "\1AUTH EXTERNAL\r\nDATA\r\nBEG" };
        int ready = stranger_open(stage->address), fds[G_N_ELEMENTS(words)];
        gint64 start = g_get_monotonic_time();

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
                g_autoptr(GString) text = g_string_new(words[i]);

                /* The first byte is NUL, which no C string holds. */
                if (text->len > 0)
                        text->str[0] = '\0';
                fds[i] = stranger_connect(stage->address);
                g_assert_true(stranger_send(fds[i], text->str, text->len));
        }
        g_assert_true(stranger_is_closed(fds[0], 4 * PATIENCE_SEC));
        g_assert_cmpint(g_get_monotonic_time() - start, >, (PATIENCE_SEC - 2) * G_USEC_PER_SEC);
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
                g_test_message("after '%s'", words[i]);
                g_assert_true(stranger_is_closed(fds[i], 4 * PATIENCE_SEC));
                close(fds[i]);
        }

        /* Who is ready may be as silent as they like. */
        g_assert_true(stranger_ping(ready, 7));
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);
        close(ready);
}

/* Words that come now and then, and lead nowhere. */
static void test_slow(Socket *stage, const void *data) {
        int fd = stranger_connect(stage->address);
        gint64 start = g_get_monotonic_time();
        struct pollfd entry = { .fd = fd, .events = POLLIN };

        (void) data;
        g_assert_true(stranger_send(fd, "", 1));
        while (stranger_send(fd, "A", 1) && poll(&entry, 1, 1000) == 0)
                g_assert_cmpint(g_get_monotonic_time() - start, <, 4 * PATIENCE_SEC * G_USEC_PER_SEC);
        g_assert_true(stranger_is_closed(fd, 4 * PATIENCE_SEC));
        close(fd);
}

static void test_come_and_go(Socket *stage, const void *data) {
        unsigned descriptors;
        uint64_t memory = 0;

        (void) data;
        descriptors = socket_descriptors(stage);
        for (unsigned i = 0; i < 1200; i++) {
                int fd;

                if (i == 200) {
                        socket_settle(stage, descriptors);
                        memory = service_memory(stage->service);
                }
                switch (i % 4) {
                case 0:
                        fd = stranger_connect(stage->address);
                        break;
                case 1:
                        fd = stranger_open(stage->address);
                        break;
                default:
                        fd = stranger_open(stage->address);
                        g_assert_true(stranger_ping(fd, 7));
                }
                close(fd);
                /* So that there are never too many of us. */
                if (i % 8 == 7)
                        socket_settle(stage, descriptors);
        }
        socket_settle(stage, descriptors);
        g_test_message("%" G_GUINT64_FORMAT " bytes, before %" G_GUINT64_FORMAT,
                       service_memory(stage->service),
                       memory);
        if (service_is_bare())
                g_assert_cmpuint(service_memory(stage->service), <=, memory + MIB);
}

/* When there are no descriptors nobody is let in, but who is in is served, and nothing runs hot. */
static void test_exhausted(Socket *stage, const void *data) {
        int known = stranger_open(stage->address), fd;
        struct pollfd entry = { .events = POLLIN };
        struct rlimit limit;
        double busy;

        (void) data;
        g_assert_cmpint(prlimit(stage->service->pid, RLIMIT_NOFILE, NULL, &limit), ==, 0);
        service_limit_descriptors(stage->service, 3);
        busy = service_busy(stage->service);
        fd = entry.fd = stranger_connect(stage->address);
        g_assert_cmpint(poll(&entry, 1, 4000), ==, 0);
        g_assert_cmpfloat(service_busy(stage->service) - busy, <, 1.0);
        g_assert_true(stranger_ping(known, 7));
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);

        /* It waits still, and is let in now. */
        service_limit_descriptors(stage->service, (unsigned) limit.rlim_cur);
        g_assert_true(stranger_send(fd, STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE));
        g_autoptr(GString) heard = g_string_new(NULL);
        g_assert_true(stranger_hear(fd, heard, "AGREE_UNIX_FD\r\n"));
        g_assert_true(stranger_ping(fd, 7));
        close(fd);
        close(known);
}

/* When they become scarce nobody is let in either, although there is enough for one more: the last ones are
 * for the work. */
static void test_scarce(Socket *stage, const void *data) {
        int known[4], fd;

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
                known[i] = stranger_open(stage->address);
        service_limit_descriptors(stage->service, service_descriptors(stage->service) + NEEDED_FOR_PEER + 2);
        g_assert_cmpint(stranger_try(stage->address), <, 0);
        g_assert_cmpstr(client_ping(stage->client), ==, NULL);

        service_limit_descriptors(stage->service, service_descriptors(stage->service) * 2);
        fd = stranger_open(stage->address);
        close(fd);
        for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
                close(known[i]);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);

        socket_add("/socket-bounds/one-user", test_one_user);
        socket_add("/socket-bounds/idle", test_idle);
        socket_add("/socket-bounds/other-users", test_other_users);
        socket_add("/socket-bounds/in-all", test_in_all);
        socket_add("/socket-bounds/silent", test_silent);
        socket_add("/socket-bounds/slow", test_slow);
        socket_add("/socket-bounds/come-and-go", test_come_and_go);
        socket_add("/socket-bounds/exhausted", test_exhausted);
        socket_add("/socket-bounds/scarce", test_scarce);

        return g_test_run();
}
