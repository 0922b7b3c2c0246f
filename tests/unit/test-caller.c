/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller.h"
#include "failure-reply.h"

static bool epoll_fails;

/* In the place of the C library's, for sd-event, too. */
int failing_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event) __asm__("epoll_ctl");

int failing_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event) {
        if (epoll_fails) {
                errno = ENOMEM;
                return -1;
        }
        return (int) syscall(SYS_epoll_ctl, epoll_fd, operation, fd, event);
}

typedef struct Stage {
        sd_event *event;
        Machine *machine;
        pid_t child;
        int pidfd; /* as the bus has it, which goes on to have it */
} Stage;

static void begin(Stage *stage, const void *data) {
        (void) data;
        g_assert_cmpint(sd_event_new(&stage->event), >=, 0);
        g_assert_cmpint(machine_new_here(&stage->machine), ==, 0);
        stage->child = fork();
        g_assert_cmpint(stage->child, >=, 0);
        if (stage->child == 0) {
                for (;;)
                        pause();
        }
        stage->pidfd = (int) syscall(SYS_pidfd_open, stage->child, 0);
}

static void kill_child(Stage *stage) {
        g_assert_cmpint(kill(stage->child, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(stage->child, NULL, 0), ==, stage->child);
        stage->child = 0;
}

static void end(Stage *stage, const void *data) {
        (void) data;
        if (stage->child > 0)
                kill_child(stage);
        if (stage->pidfd >= 0)
                close(stage->pidfd);
        machine_free(stage->machine);
        sd_event_unref(stage->event);
}

static bool has_pidfd(const Stage *stage) {
        if (stage->pidfd < 0)
                g_test_skip("there are no descriptors of processes");
        return stage->pidfd >= 0;
}

static Caller *find(Stage *stage, int want) {
        Caller *caller = caller_new();
        const Moment asked = { 0 };

        g_assert_cmpint(
                caller_find(caller, stage->event, stage->machine, stage->pidfd, 0, &asked), ==, want);
        g_assert_cmpint(caller->r, ==, want);
        return caller;
}

/* What happens now, and not later. Returns whether something did. */
static bool turn(Stage *stage) {
        int r = sd_event_run(stage->event, 0);

        g_assert_cmpint(r, >=, 0);
        return r > 0;
}

static void test_end(Stage *stage, const void *data) {
        Caller *caller;

        (void) data;
        if (!has_pidfd(stage))
                return;
        caller = find(stage, 0);
        g_assert_true(caller_is_alive(caller));
        g_assert_false(turn(stage));

        kill_child(stage);
        g_assert_true(turn(stage));
        g_assert_cmpint(caller->r, ==, -ESRCH);
        g_assert_false(caller_is_alive(caller));
        g_assert_false(turn(stage));
        caller_unref(caller);

        caller_unref(find(stage, -ESRCH));
}

/* Nobody is told of the end who is not there any more, though the kernel did not take back what is watched.
 */
static void test_watched_on(Stage *stage, const void *data) {
        Caller *caller;

        (void) data;
        if (!has_pidfd(stage))
                return;
        caller = find(stage, 0);
        epoll_fails = true;
        caller_unref(caller);
        epoll_fails = false;

        kill_child(stage);
        g_assert_false(turn(stage));
}

static void test_no_pidfd(Stage *stage, const void *data) {
        int fd = stage->pidfd;

        (void) data;
        stage->pidfd = STDERR_FILENO;
        caller_unref(find(stage, -ERROR_UNKNOWN_CALLER));
        stage->pidfd = fd;
}

int main(int argc, char **argv) {
        g_test_init(&argc, &argv, NULL);
        g_test_add("/caller/end", Stage, NULL, begin, test_end, end);
        g_test_add("/caller/watched-on", Stage, NULL, begin, test_watched_on, end);
        g_test_add("/caller/no-pidfd", Stage, NULL, begin, test_no_pidfd, end);
        return g_test_run();
}
