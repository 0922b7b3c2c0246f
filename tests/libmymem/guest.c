/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "guest.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "group.h"
#include "sandbox.h"

#define PATIENCE_SEC 200 /* for a million samples, on a machine that does other things at the same time */
#define WARM_UP 10000

static unsigned count_descriptors(void) {
        unsigned n = 0;

        for (int fd = 0; fd < 1024; fd++)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}

static uint64_t read_resident(void) {
        g_autofree char *text = NULL;

        if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
                return 0;
        return g_ascii_strtoull(strchr(text, ' '), NULL, 10) * (uint64_t) getpagesize();
}

static void sample_many(struct mymem_handle *handle, Report *report) {
        for (unsigned i = 0; i < GUEST_MANY && report->r >= 0; i++) {
                if (i == WARM_UP)
                        report->before = read_resident();
                report->r = mymem_sample(handle, &report->memory);
        }
        report->resident = read_resident();
}

/* The child's report is the guest's. */
static void fork_and_sample(struct mymem_handle *handle, const char *other, Report *report) {
        int pair[2];
        pid_t pid;

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
        pid = child_fork();
        if (pid == 0) {
                if (other)
                        group_enter(other);
                report->r = mymem_sample(handle, &report->memory);
                g_assert_cmpint(send(pair[1], report, sizeof(*report), 0), ==, sizeof(*report));
                handle = mymem_close(handle);
                _exit(handle ? EXIT_FAILURE : EXIT_SUCCESS);
        }

        close(pair[1]);
        g_assert_cmpint(recv(pair[0], report, sizeof(*report), 0), ==, sizeof(*report));
        close(pair[0]);
        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

static void run(int fd, const char *other) {
        struct mymem_handle *handle = NULL;
        GuestAct act;

        while (recv(fd, &act, sizeof(act), 0) == sizeof(act) && act != GUEST_QUIT) {
                Report report = { 0 };
                gint64 start = g_get_monotonic_time();

                switch (act) {
                case GUEST_OPEN:
                        handle = mymem_close(handle);
                        report.r = mymem_open(&handle);
                        break;
                case GUEST_SAMPLE:
                        report.r = mymem_sample(handle, &report.memory);
                        break;
                case GUEST_SAMPLE_MANY:
                        sample_many(handle, &report);
                        break;
                case GUEST_FORK:
                        fork_and_sample(handle, other, &report);
                        break;
                default:
                        handle = mymem_close(handle);
                }
                report.usec = g_get_monotonic_time() - start;
                report.n_descriptors = count_descriptors();
                g_assert_cmpint(send(fd, &report, sizeof(report), 0), ==, sizeof(report));
        }

        mymem_close(handle);
        _exit(EXIT_SUCCESS);
}

Guest *guest_start(const char *group, bool is_blind, const char *other) {
        Guest *guest = g_new0(Guest, 1);
        int pair[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
        guest->fd = pair[0];
        guest->pid = child_fork();
        if (guest->pid == 0) {
                close(pair[0]);
                group_enter(group);
                if (is_blind)
                        sandbox_enter(false);
                run(pair[1], other);
        }

        close(pair[1]);
        return guest;
}

void guest_begin(Guest *guest, GuestAct act) {
        g_assert_cmpint(send(guest->fd, &act, sizeof(act), 0), ==, sizeof(act));
}

bool guest_has_done(Guest *guest, unsigned msec) {
        struct pollfd entry = { .fd = guest->fd, .events = POLLIN };

        return poll(&entry, 1, (int) msec) > 0;
}

Report guest_end(Guest *guest) {
        Report report;

        g_assert_true(guest_has_done(guest, PATIENCE_SEC * 1000));
        g_assert_cmpint(recv(guest->fd, &report, sizeof(report), 0), ==, sizeof(report));
        return report;
}

Report guest_do(Guest *guest, GuestAct act) {
        guest_begin(guest, act);
        return guest_end(guest);
}

static void write_pid(const char *directory, pid_t pid) {
        g_autofree char *path = g_build_filename(directory, "cgroup.procs", NULL);
        g_autofree char *text = g_strdup_printf("%d", pid);
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
        close(fd);
}

void guest_move(const Guest *guest, const char *group) {
        g_autofree char *memory = group_memory_directory(group), *systemd = group_systemd_directory(group);

        write_pid(memory, guest->pid);
        write_pid(systemd, guest->pid);
}

void guest_stop(Guest *guest) {
        GuestAct act = GUEST_QUIT;

        g_assert_cmpint(send(guest->fd, &act, sizeof(act), 0), ==, sizeof(act));
        g_assert_cmpint(child_wait(guest->pid, CHILD_PATIENCE_SEC), ==, EXIT_SUCCESS);
        close(guest->fd);
        g_free(guest);
}
