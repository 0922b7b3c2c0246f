/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "failure.h"
#include "file.h"
#include "line.h"
#include "process-stat.h"
#include "process.h"
#include "size.h"

#define MEMBERSHIP_SIZE_MAX ((size_t) 1024 * 1024)
#define FDINFO_SIZE 1024 /* of a pidfd; whatever has more to tell is another descriptor */
#define STATUS_SIZE_MAX ((size_t) 1024 * 1024)

/* Dead threads that are looked past. They are gone at once, unless somebody traces the process and does not
 * take note: then there may be as many as they like, and each of them costs time. */
#define DEAD_THREADS_MAX 32

/* The kernel's ways to say that a process is gone. */
static int gone(int r) {
        return r == -ENOENT || r == -ESRCH ? -ESRCH : r;
}

int process_open(Machine *machine, uint32_t pid, Process *ret) {
        Process process = { .pid = pid };

        assert(machine);
        assert(ret);

        (void) snprintf(process.name, sizeof(process.name), "%" PRIu32, pid);
        process.fd = file_open_directory(machine->proc_fd, process.name);
        if (process.fd < 0)
                return machine_blame(machine, gone(process.fd), "PID %s", process.name);

        *ret = process;
        return 0;
}

int process_open_self(Machine *machine, Process *ret) {
        Process process = { .name = "self" };

        assert(machine);
        assert(ret);

        process.fd = machine_open_self(machine);
        if (process.fd < 0)
                return machine_blame(machine, gone(process.fd), "proc/self");

        *ret = process;
        return 0;
}

/* Opens the directory in which the kernel tells of our descriptors, unless it is open. */
static int find_fdinfo(const Machine *machine, int *opened_fd) {
        _cleanup_close_ int self_fd = -1;

        if (machine->fdinfo_fd >= 0)
                return machine->fdinfo_fd;

        self_fd = machine_open_self(machine);
        return *opened_fd = self_fd < 0 ? self_fd : file_open_directory(self_fd, "fdinfo");
}

static int read_fdinfo(int fdinfo_fd, int pidfd, char ret[static FDINFO_SIZE]) {
        char name[16];
        ssize_t n;

        (void) snprintf(name, sizeof(name), "%d", pidfd);
        n = file_read(fdinfo_fd, name, ret, FDINFO_SIZE);
        if (n == -ENOENT || n == -EFBIG)
                return -EINVAL; /* no descriptor, or some other that has more to tell */

        return n < 0 ? (int) n : 0;
}

/* The number in what fdinfo says of a pidfd. */
static int parse_pid(const char *text, uint32_t *ret) {
        const char *p = line_find(text, "Pid:");
        uint64_t pid;

        if (!p)
                return -EINVAL;
        if (size_scan(&p, &pid) < 0 || pid > INT32_MAX)
                return -ESRCH; /* -1 of one that was reaped */
        if (pid == 0)
                return -EREMOTE;

        *ret = (uint32_t) pid;
        return 0;
}

/* Only fdinfo translates a pidfd to a number on every kernel that has pidfds. */
static int pidfd_read_pid(int fdinfo_fd, int pidfd, uint32_t *ret) {
        char text[FDINFO_SIZE];
        int r;

        r = read_fdinfo(fdinfo_fd, pidfd, text);
        return r < 0 ? r : parse_pid(text, ret);
}

int process_is_alive(int pidfd) {
        struct pollfd polled = { .fd = pidfd, .events = POLLIN };
        int r;

        assert(pidfd >= 0);

        r = poll(&polled, 1, 0);
        return r < 0 ? -errno : r == 0;
}

int process_open_pidfd(Machine *machine, int pidfd, Process *ret) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_close_ int opened_fd = -1;
        uint32_t pid, verified;
        int fdinfo_fd, r;

        assert(machine);
        assert(pidfd >= 0);
        assert(ret);

        fdinfo_fd = find_fdinfo(machine, &opened_fd);
        r = fdinfo_fd < 0 ? fdinfo_fd : pidfd_read_pid(fdinfo_fd, pidfd, &pid);
        if (r >= 0)
                r = process_open(machine, pid, &process);
        /* If it was not reaped until now, then what we opened under its number is it. */
        if (r >= 0 && process_is_alive(pidfd) <= 0)
                r = pidfd_read_pid(fdinfo_fd, pidfd, &verified);
        if (r < 0)
                return machine_blame(machine, r, "the process of the descriptor");

        *ret = process;
        process.fd = -1;
        return 0;
}

void process_done(Process *process) {
        assert(process);

        closep(&process->fd);
        process->fd = -1;
}

static int read_stat(Machine *machine, int task_fd, ProcessStat *ret) {
        char text[FILE_SMALL_SIZE];
        size_t n_lines = 1;
        ssize_t n;

        n = file_read_lines(task_fd, "stat", text, sizeof(text), &n_lines);
        if (n == -ENOENT && !machine->is_live) {
                /* A captured machine need not hold it: its processes were alive. */
                *ret = (ProcessStat) { 0 };
                return 0;
        }
        if (n < 0)
                return gone((int) n);

        return process_stat_parse(text, ret);
}

/* Reads the membership of one thread; -ESRCH if it is dead. Its state is looked at last: a thread that exits
 * shows "/" on v1, and what was read of one that lived afterwards was true. */
static int read_task(Machine *machine, int task_fd, Membership *ret, Whereabouts *ret_whereabouts) {
        _cleanup_(membership_done) Membership membership = { 0 };
        _cleanup_close_ int fd = -1;
        _cleanup_free_ char *text = NULL;
        ProcessStat stat;
        int r;

        r = file_read_open(task_fd, "cgroup", MEMBERSHIP_SIZE_MAX, &text, &fd);
        if (r < 0)
                return gone(r);
        r = membership_parse(text, &membership);
        if (r < 0)
                return r;

        r = read_stat(machine, task_fd, &stat);
        if (r < 0)
                return r;
        if (stat.is_dead)
                return -ESRCH;

        *ret = membership;
        membership = (Membership) { 0 };
        *ret_whereabouts = whereabouts_from(take_fd(&fd), take_ptr(&text));
        return 0;
}

static int read_live_thread(Machine *machine,
                            const Process *process,
                            Membership *ret,
                            Whereabouts *ret_whereabouts) {
        _cleanup_(closedirp) DIR *directory = NULL;
        struct dirent *entry;
        unsigned n_dead = 0;
        int fd;

        fd = openat(process->fd, "task", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return gone(-errno);
        directory = fdopendir(fd);
        if (!directory) {
                int r = -errno;

                close(fd);
                return r;
        }

        while (errno = 0, (entry = readdir(directory))) {
                _cleanup_close_ int task_fd = -1;
                int r;

                if (entry->d_name[0] == '.')
                        continue;
                if (n_dead++ == DEAD_THREADS_MAX)
                        return -E2BIG;
                task_fd = file_open_directory(dirfd(directory), entry->d_name);
                if (failure_is_passing(task_fd))
                        return task_fd;
                if (task_fd < 0)
                        continue;
                r = read_task(machine, task_fd, ret, ret_whereabouts);
                if (r != -ESRCH)
                        return r;
        }

        return failure_is_passing(-errno) ? -errno : -ESRCH;
}

int process_read_membership(Machine *machine, const Process *process, Membership *ret) {
        _cleanup_(whereabouts_done) Whereabouts whereabouts = WHEREABOUTS_NONE;

        return process_find(machine, process, ret, &whereabouts);
}

int process_find(Machine *machine, const Process *process, Membership *ret, Whereabouts *ret_whereabouts) {
        int r;

        assert(machine);
        assert(process);
        assert(ret);
        assert(ret_whereabouts);

        r = read_task(machine, process->fd, ret, ret_whereabouts);
        if (r == -ESRCH)
                r = read_live_thread(machine, process, ret, ret_whereabouts);
        if (r < 0)
                return machine_blame(machine, r, "proc/%s/cgroup", process->name);

        return 0;
}

int process_read_start_time(Machine *machine, const Process *process, uint64_t *ret) {
        ProcessStat stat;
        int r;

        assert(machine);
        assert(process);
        assert(ret);

        r = read_stat(machine, process->fd, &stat);
        if (r < 0)
                return machine_blame(machine, r, "proc/%s/stat", process->name);

        *ret = stat.start_time;
        return 0;
}

/* Reads /proc/PID/status, which holds all groups that the process's user is in. */
static int read_status(Machine *machine, const Process *process, char **ret) {
        int r;

        r = file_read_all(process->fd, "status", STATUS_SIZE_MAX, ret);
        return r < 0 ? machine_blame(machine, gone(r), "proc/%s/status", process->name) : 0;
}

/* Whether the second number on the line, the effective one, is that. */
static bool has_effective(const char *text, const char *key, uint64_t wanted) {
        const char *p = line_find(text, key);
        uint64_t real, effective;

        return p && size_scan(&p, &real) >= 0 && *p++ == '\t' && size_scan(&p, &effective) >= 0 &&
                effective == wanted;
}

int process_has_owner(Machine *machine, const Process *process, uid_t uid, gid_t gid) {
        _cleanup_free_ char *text = NULL;
        int r;

        assert(machine);
        assert(process);

        r = read_status(machine, process, &text);
        return r < 0 ? r : has_effective(text, "Uid:", uid) && has_effective(text, "Gid:", gid);
}

int process_has_user(Machine *machine, const Process *process, uid_t uid) {
        _cleanup_free_ char *text = NULL;
        struct stat status;
        const char *p;
        uint64_t n;
        int r;

        assert(machine);
        assert(process);

        /* The effective user has the directory, unless the process may not be looked into; then it is root.
         */
        if (fstat(process->fd, &status) >= 0 && status.st_uid == uid)
                return 1;

        r = read_status(machine, process, &text);
        if (r < 0)
                return r;
        p = line_find(text, "Uid:");
        do {
                if (!p || size_scan(&p, &n) < 0)
                        return machine_blame(machine, -EBADMSG, "proc/%s/status", process->name);
                if (n == uid)
                        return 1;
        } while (*p++ == '\t');
        return 0;
}

/* Whether the numbers of a process are said, and more than one: 1, 0, or -ENODATA. */
static int has_numbers(const char *text) {
        const char *p = line_find(text, "NSpid:"), *end = p ? strchr(p, '\n') : NULL;

        return end ? memchr(p, '\t', (size_t) (end - p)) != NULL : -ENODATA;
}

/* Of the descriptor the kernel writes a few lines. In a process's status are all groups of its user, and who
 * is in 65536 would have everybody wait. */
static int pidfd_is_in_namespace(Machine *machine, int pidfd) {
        _cleanup_close_ int opened_fd = -1;
        char text[FDINFO_SIZE];
        int fdinfo_fd, r;
        uint32_t pid;

        fdinfo_fd = find_fdinfo(machine, &opened_fd);
        r = fdinfo_fd < 0 ? fdinfo_fd : read_fdinfo(fdinfo_fd, pidfd, text);
        if (r >= 0)
                r = parse_pid(text, &pid);
        return r < 0 ? r : has_numbers(text);
}

int process_is_in_namespace(Machine *machine, const Process *process, int pidfd, bool *ret) {
        _cleanup_free_ char *text = NULL;
        int r;

        assert(machine);
        assert(process);
        assert(ret);

        r = pidfd < 0 ? -ENODATA : pidfd_is_in_namespace(machine, pidfd);
        if (r < 0) {
                r = read_status(machine, process, &text);
                if (r < 0)
                        return r;
                r = has_numbers(text);
        }

        /* Linux before 4.1 does not say; then nobody is taken to be in one. */
        *ret = r > 0;
        return 0;
}
