/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who is at the other end: the process that connected, whatever it says of itself, for as long as it lives,
 * and nobody after. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "figure.h"
#include "group.h"
#include "names.h"
#include "old-kernel.h"
#include "properties.h"
#include "slice.h"
#include "socket.h"
#include "stranger.h"

#define NOBODY 65534
#define N_MOVES 1000

#define OWN_LIMIT (64 * MIB)
#define OTHER_LIMIT (96 * MIB)

/* Two units, one of which others live in. */
typedef struct Pair {
        Slice *slice;
        char *own, *other;
} Pair;

static bool pair_make(Pair *pair) {
        pair->slice = slice_new();
        if (!pair->slice)
                return false;

        pair->own = slice_group(pair->slice, "%-own.service");
        pair->other = slice_group(pair->slice, "%-other.service");
        group_write(pair->own, "memory.limit_in_bytes", OWN_LIMIT);
        group_write(pair->other, "memory.limit_in_bytes", OTHER_LIMIT);
        return true;
}

static void pair_remove(Pair *pair) {
        slice_free(pair->slice);
        g_free(pair->own);
        g_free(pair->other);
}

static const WireCall get_memory = {
        .serial = 7, .path = MYMEM_MANAGER_PATH, .interface = MYMEM_MANAGER_INTERFACE, .member = "GetMemory"
};

/* Makes the call and returns the limit that is answered; 0 for an error. */
static uint64_t ask(int fd, const WireCall *call) {
        g_autoptr(GByteArray) reply = NULL;
        bool is_error;

        g_assert_true(stranger_call(fd, call));
        reply = stranger_read(fd);
        g_assert_nonnull(reply);
        g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, call->serial);
        return is_error ? 0 : wire_number(reply, 0);
}

/* Names of others, in all places where a message has one. */
static void test_names(Socket *stage, const void *data) {
        static const char *const names[] = {
                ":1.0", ":1.1", ":1.7", "org.freedesktop.DBus", MYMEM_BUS_NAME
        };
        sd_bus *other;
        Figures figures;
        Pair pair;
        int fd;

        (void) data;
        if (!pair_make(&pair))
                return;
        /* Somebody else is known at the socket. */
        group_enter(pair.other);
        other = client_open(stage->address);
        g_assert_cmpstr(client_figures(other, &figures, "GetMemory", NULL), ==, NULL);

        /* We are the same process, and have moved: what counts is where the process is. */
        group_enter(pair.own);
        fd = stranger_open(stage->address);
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(names); j++) {
                        WireCall call = get_memory;

                        call.sender = names[i];
                        call.destination = names[j];
                        g_assert_cmpuint(ask(fd, &call), ==, OWN_LIMIT);
                }
        close(fd);
        sd_bus_flush_close_unref(other);
        pair_remove(&pair);
}

/* Users that the authentication is told of, who are others, or nobody at all: it is refused, or plays no
 * part. */
static void test_users(Socket *stage, const void *data) {
        static const char *const words[] = { "AUTH EXTERNAL 30\r\n",         /* 0 */
                                             "AUTH EXTERNAL 31303030\r\n",   /* 1000 */
                                             "AUTH EXTERNAL 3635353334\r\n", /* 65534 */
                                             "AUTH ANONYMOUS 6d796d656d\r\n" };
        Pair pair;

        (void) data;
        if (!pair_make(&pair))
                return;
        group_enter(pair.own);
        for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
                g_autoptr(GString) heard = g_string_new(NULL);
                int fd = stranger_connect(stage->address);

                g_test_message("%s", words[i]);
                g_assert_true(stranger_send(fd, "", 1));
                g_assert_true(stranger_send(fd, words[i], strlen(words[i])));
                g_assert_true(stranger_hear(fd, heard, "\r\n"));
                if (g_str_has_prefix(heard->str, "OK ")) {
                        g_assert_true(stranger_send(fd, "BEGIN\r\n", 7));
                        g_assert_cmpuint(ask(fd, &get_memory), ==, OWN_LIMIT);
                } else
                        g_assert_true(g_str_has_prefix(heard->str, "REJECTED"));
                close(fd);
        }
        pair_remove(&pair);
}

/* The limit, by two members that find it in different ways. */
static uint64_t ask_twice(sd_bus *client) {
        g_autoptr(GHashTable) properties = NULL;
        Figures figures;

        g_assert_cmpstr(properties_read(client, &properties, MYMEM_SELF_PATH), ==, NULL);
        g_assert_cmpstr(client_figures(client, &figures, "GetMemory", NULL), ==, NULL);
        g_assert_cmpuint(properties_number(properties, "Limit"), ==, figures.limit);
        g_assert_cmpuint(properties_number(properties, "Max"), ==, figures.limit);
        return figures.limit;
}

/* Two processes at once, each with a connection, get what is theirs, in any order. */
static void run_other(const char *address, const char *group, int command_fd, int report_fd) {
        sd_bus *client;

        group_enter(group);
        client = client_open(address);
        child_tell(report_fd);
        while (child_hear(command_fd)) {
                uint64_t limit = ask_twice(client);

                g_assert_cmpint(write(report_fd, &limit, sizeof(limit)), ==, sizeof(limit));
        }
        _exit(EXIT_SUCCESS);
}

static void test_two(Socket *stage, const void *data) {
        int command[2], report[2];
        Pair pair;
        pid_t pid;

        (void) data;
        if (!pair_make(&pair))
                return;
        g_assert_cmpint(pipe2(command, O_CLOEXEC), ==, 0);
        g_assert_cmpint(pipe2(report, O_CLOEXEC), ==, 0);
        pid = child_fork();
        if (pid == 0) {
                const int kept[] = { command[0], report[1] };

                child_keep(kept, G_N_ELEMENTS(kept));
                run_other(stage->address, pair.other, command[0], report[1]);
        }
        close(command[0]);
        close(report[1]);
        g_assert_true(child_hear(report[0]));

        group_enter(pair.own);
        for (unsigned i = 0; i < 50; i++) {
                uint64_t limit;

                child_tell(command[1]);
                g_assert_cmpuint(ask_twice(stage->client), ==, OWN_LIMIT);
                g_assert_cmpint(read(report[0], &limit, sizeof(limit)), ==, sizeof(limit));
                g_assert_cmpuint(limit, ==, OTHER_LIMIT);
        }
        close(command[1]);
        g_assert_cmpint(child_wait(pid, CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);
        close(report[0]);
        pair_remove(&pair);
}

/* On one connection: where the process is now. */
static void test_moved(Socket *stage, const void *data) {
        Pair pair;

        (void) data;
        if (!pair_make(&pair))
                return;
        for (unsigned i = 0; i < N_MOVES; i++) {
                group_enter(i % 2 == 0 ? pair.own : pair.other);
                g_assert_cmpuint(ask_twice(stage->client), ==, i % 2 == 0 ? OWN_LIMIT : OTHER_LIMIT);
        }
        pair_remove(&pair);
}

/* Its group goes meanwhile, and another one comes under the name. */
static void test_made_again(Socket *stage, const void *data) {
        Pair pair;

        (void) data;
        if (!pair_make(&pair))
                return;
        for (unsigned i = 0; i < N_MOVES; i++) {
                group_enter(pair.other);
                group_remove(pair.own);
                group_make(pair.own);
                group_write(pair.own, "memory.limit_in_bytes", OWN_LIMIT + i * MIB);
                group_enter(pair.own);
                g_assert_cmpuint(ask_twice(stage->client), ==, OWN_LIMIT + i * MIB);
        }
        pair_remove(&pair);
}

/* A process that connects and hands its connection to us; it lives in 'group'. */
typedef struct Opener {
        pid_t pid;
        int fd;
} Opener;

static void run_opener(const char *address, const char *group, uid_t user, bool speaks, int channel) {
        pid_t parent = getppid();
        int fd;

        group_enter(group);
        g_assert_cmpint(setresuid(user, user, user), ==, 0);
        child_bind(parent);
        fd = speaks ? stranger_open(address) : stranger_connect(address);
        g_assert_true(stranger_send_fds(channel, "!", 1, &fd, 1));
        for (;;)
                (void) pause();
}

static Opener opener_start(const char *address, const char *group, uid_t user, bool speaks) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control;
        char byte;
        struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        Opener opener;
        int pair[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
        opener.pid = child_fork();
        if (opener.pid == 0)
                run_opener(address, group, user, speaks, pair[1]);
        close(pair[1]);
        g_assert_cmpint(recvmsg(pair[0], &message, MSG_CMSG_CLOEXEC), ==, 1);
        memcpy(&opener.fd, CMSG_DATA(&control.header), sizeof(opener.fd));
        close(pair[0]);
        return opener;
}

static void check_error(int fd, const char *error) {
        g_autoptr(GByteArray) reply = NULL;
        bool is_error;

        g_assert_true(stranger_call(fd, &get_memory));
        reply = stranger_read(fd);
        g_assert_nonnull(reply);
        g_assert_cmpuint(wire_reply_serial(reply, &is_error), ==, get_memory.serial);
        g_assert_true(is_error);
        g_assert_nonnull(memmem(reply->data, reply->len, error, strlen(error)));
}

static void check_nobody(int fd) {
        check_error(fd, MYMEM_ERROR_NO_SUCH_PROCESS);
}

/* Its figures as long as it lives, and then nobody's, least of all those of who holds the connection. */
static void test_heir(Socket *stage, const void *data) {
        siginfo_t info;
        Opener opener;
        Pair pair;

        (void) data;
        if (!pair_make(&pair))
                return;
        group_enter(pair.own);
        opener = opener_start(stage->address, pair.other, geteuid(), true);
        for (unsigned i = 0; i < 5; i++)
                g_assert_cmpuint(ask(opener.fd, &get_memory), ==, OTHER_LIMIT);

        /* It is dead, and then it is gone. */
        g_assert_cmpint(kill(opener.pid, SIGKILL), ==, 0);
        g_assert_cmpint(waitid(P_PID, (id_t) opener.pid, &info, WEXITED | WNOWAIT), ==, 0);
        check_nobody(opener.fd);
        g_assert_cmpint(waitpid(opener.pid, NULL, 0), ==, opener.pid);
        check_nobody(opener.fd);
        check_nobody(opener.fd);
        close(opener.fd);
        pair_remove(&pair);
}

/* A process with that number, in the group that we are in; -1 if it cannot be had. */
static pid_t become(pid_t number) {
        struct clone_args arguments = { .exit_signal = SIGCHLD,
                                        .set_tid = (uintptr_t) &number,
                                        .set_tid_size = 1 };
        pid_t parent = getpid(), pid;

        pid = (pid_t) syscall(SYS_clone3, &arguments, sizeof(arguments));
        if (pid == 0) {
                child_bind(parent);
                for (;;)
                        (void) pause();
        }
        return pid;
}

/* The number is somebody else's now. */
static void test_reused(Socket *stage, const void *data) {
        Opener opener;
        Pair pair;
        pid_t pid;

        (void) data;
        if (!pair_make(&pair))
                return;
        group_enter(pair.own);
        opener = opener_start(stage->address, pair.other, geteuid(), true);
        g_assert_cmpuint(ask(opener.fd, &get_memory), ==, OTHER_LIMIT);
        child_kill(opener.pid);
        pid = become(opener.pid);
        if (pid < 0)
                g_test_skip("processes cannot be given numbers here");
        else {
                g_assert_cmpint(pid, ==, opener.pid);
                check_nobody(opener.fd);
                check_nobody(opener.fd);
                child_kill(pid);
        }
        close(opener.fd);
        pair_remove(&pair);
}

/* Whoever connected before is let in when this returns, though it may have said nothing. */
static void await_entry(const Socket *stage) {
        int fd = stranger_open(stage->address);

        g_assert_true(stranger_ping(fd, 1));
        close(fd);
}

/* Start times are in ticks of the kernel's clock, and who may choose a number can make a process look older
 * by one of them. */
static void await_tick(void) {
        (void) poll(NULL, 0, (int) (1000 / sysconf(_SC_CLK_TCK)) + 1);
}

/* When somebody ends who has connected and said nothing. */
typedef enum End {
        BEFORE_ENTRY, /* of whom the service knows nothing yet */
        BEFORE_AUTHENTICATION,
} End;

/* Somebody connects, and has ended when the service comes to look at who that is; their number may be
 * another's by then, who is root. */
static void check_ended(Socket *stage, End end, uid_t user, bool is_reused, const char *error) {
        g_autoptr(GString) heard = g_string_new(NULL);
        Opener opener;
        pid_t pid = 0;
        Pair pair;

        if (!pair_make(&pair))
                return;
        group_enter(pair.own);
        if (end == BEFORE_ENTRY)
                child_stop(stage->service->pid);
        opener = opener_start(stage->address, pair.other, user, false);
        if (end == BEFORE_AUTHENTICATION)
                await_entry(stage);
        child_kill(opener.pid);
        if (end == BEFORE_AUTHENTICATION)
                await_tick();
        if (is_reused)
                pid = become(opener.pid);
        g_assert_cmpint(kill(stage->service->pid, SIGCONT), ==, 0);
        if (pid < 0)
                g_test_skip("processes cannot be given numbers here");
        else {
                g_assert_true(
                        stranger_send(opener.fd, STRANGER_AUTHENTICATION, STRANGER_AUTHENTICATION_SIZE));
                g_assert_true(stranger_hear(opener.fd, heard, "AGREE_UNIX_FD\r\n"));
                check_error(opener.fd, error);
        }
        if (pid > 0) {
                g_assert_cmpint(pid, ==, opener.pid);
                child_kill(pid);
        }
        close(opener.fd);
        pair_remove(&pair);
}

static void test_ended_early(Socket *stage, const void *data) {
        (void) data;
        check_ended(stage, BEFORE_ENTRY, geteuid(), false, MYMEM_ERROR_NO_SUCH_PROCESS);
}

/* With the number alone, nobody could tell that it is not the same process. */
static void test_reused_early(Socket *stage, const void *data) {
        (void) data;
        if (old_kernel_knows_peers())
                check_ended(stage, BEFORE_ENTRY, geteuid(), true, MYMEM_ERROR_NO_SUCH_PROCESS);
        else
                g_test_skip("the kernel tells only the number of who connected");
}

/* The number is all there is, and it is of another user. */
static void test_reused_by_other(Socket *stage, const void *data) {
        (void) data;
        if (geteuid() == 0)
                check_ended(stage, BEFORE_ENTRY, NOBODY, true, MYMEM_ERROR_UNKNOWN_CALLER);
        else
                g_test_skip("only root can be somebody else");
}

/* It is not asked who they are before they are authenticated, but who was there when they connected. */
static void test_reused_silent(Socket *stage, const void *data) {
        (void) data;
        check_ended(stage, BEFORE_AUTHENTICATION, geteuid(), true, MYMEM_ERROR_NO_SUCH_PROCESS);
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        old_kernel_pretend();

        socket_add("/socket-identity/names", test_names);
        socket_add("/socket-identity/users", test_users);
        socket_add("/socket-identity/two", test_two);
        socket_add("/socket-identity/moved", test_moved);
        socket_add("/socket-identity/made-again", test_made_again);
        socket_add("/socket-identity/heir", test_heir);
        socket_add("/socket-identity/ended-early", test_ended_early);
        socket_add("/socket-identity/reused", test_reused);
        socket_add("/socket-identity/reused-silent", test_reused_silent);
        if (old_kernel_is_pretended())
                socket_add("/socket-identity/reused-by-other", test_reused_by_other);
        else
                socket_add("/socket-identity/reused-early", test_reused_early);

        return g_test_run();
}
