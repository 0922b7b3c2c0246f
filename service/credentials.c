/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "cleanup.h"
#include "credentials.h"
#include "failure-reply.h"

/* What the driver said. */
typedef struct Credentials {
        uint32_t pid; /* 0 if it was not said */
        int pidfd;    /* of the message; -1 if it was not said, as by buses before 2023 */
} Credentials;

uint64_t credentials_now_ticks(void) {
        const uint64_t per_second = (uint64_t) sysconf(_SC_CLK_TCK);
        struct timespec now;

        (void) clock_gettime(CLOCK_BOOTTIME, &now);
        return (uint64_t) now.tv_sec * per_second + (uint64_t) now.tv_nsec * per_second / 1000000000;
}

static int read_credential(sd_bus_message *reply, Credentials *credentials) {
        const char *name, *contents;
        int r;

        r = sd_bus_message_read(reply, "s", &name);
        if (r >= 0)
                r = sd_bus_message_peek_type(reply, NULL, &contents);
        if (r < 0)
                return r;

        if (strcmp(name, "ProcessID") == 0 && strcmp(contents, "u") == 0)
                return sd_bus_message_read(reply, "v", "u", &credentials->pid);
        if (strcmp(name, "ProcessFD") == 0 && strcmp(contents, "h") == 0)
                return sd_bus_message_read(reply, "v", "h", &credentials->pidfd);
        return sd_bus_message_skip(reply, "v");
}

static int read_credentials(sd_bus_message *reply, Credentials *ret) {
        Credentials credentials = { 0, -1 };
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                r = read_credential(reply, &credentials);
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;

        *ret = credentials;
        return 0;
}

static int is_alive(int pidfd) {
        struct pollfd polled = { .fd = pidfd, .events = POLLIN };
        int r;

        r = poll(&polled, 1, 0);
        return r < 0 ? -errno : r == 0;
}

/* Takes hold of the process that had the number 'pid' when it connected. Who ended meanwhile is not confused
 * with who got the number then: that process is younger than the question. */
static int open_by_number(
        Machine *machine, uint32_t pid, uint64_t asked_ticks, Process *ret_process, int *ret_pidfd) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_close_ int pidfd = -1;
        uint64_t start_ticks;
        int r;

        if (pid == 0)
                return -ERROR_UNKNOWN_CALLER; /* it was not said, or is of a PID namespace that is not below
                                                 ours */

        pidfd = (int) syscall(SYS_pidfd_open, (pid_t) pid, 0);
        if (pidfd < 0 && errno != ENOSYS && errno != EPERM)
                return errno == EINVAL ? -ESRCH : -errno;

        r = process_open(machine, pid, &process);
        if (r >= 0)
                r = process_read_start_time(machine, &process, &start_ticks);
        if (r < 0)
                return r;
        if (start_ticks > asked_ticks)
                return -ESRCH;

        r = pidfd < 0 ? 1 : is_alive(pidfd);
        if (r <= 0)
                return r < 0 ? r : -ESRCH;

        *ret_process = process;
        process.fd = -1;
        *ret_pidfd = take_fd(&pidfd);
        return 0;
}

static int open_by_descriptor(Machine *machine, int said_pidfd, Process *ret_process, int *ret_pidfd) {
        _cleanup_close_ int pidfd = -1;
        int r;

        pidfd = fcntl(said_pidfd, F_DUPFD_CLOEXEC, 3);
        if (pidfd < 0)
                return -errno;

        r = process_open_pidfd(machine, pidfd, ret_process);
        if (r < 0)
                return r == -EINVAL ? -ERROR_UNKNOWN_CALLER : r;

        *ret_pidfd = take_fd(&pidfd);
        return 0;
}

int credentials_open(Machine *machine,
                     sd_bus_message *reply,
                     uint64_t asked_ticks,
                     Process *ret_process,
                     int *ret_pidfd) {
        Credentials credentials;

        assert(machine);
        assert(reply);
        assert(ret_process);
        assert(ret_pidfd);

        if (sd_bus_message_is_method_error(reply, NULL) || read_credentials(reply, &credentials) < 0)
                return -ERROR_UNKNOWN_CALLER;

        if (credentials.pidfd >= 0)
                return open_by_descriptor(machine, credentials.pidfd, ret_process, ret_pidfd);
        return open_by_number(machine, credentials.pid, asked_ticks, ret_process, ret_pidfd);
}
