/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "actor.h"
#include "dbus/names.h"
#include "process.h"

#define ORDER_TIMEOUT_MSEC 60000
#define CALL_TIMEOUT_USEC (10 * G_USEC_PER_SEC)
#define CHUNK (UINT64_C(1) << 20)

struct Stage {
        void *memory[16];
        uint64_t sizes[16];
        size_t n;
        sd_bus *bus;
};

static int64_t touch(uint64_t size, void **ret) {
        void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (memory == MAP_FAILED)
                return -errno;
        memset(memory, 'x', size);
        *ret = memory;
        return 0;
}

static void work_allocate(Stage *stage, const Order *order, Reply *reply) {
        if (stage->n == G_N_ELEMENTS(stage->memory)) {
                reply->status = -ENOBUFS;
                return;
        }
        reply->status = touch(order->size, &stage->memory[stage->n]);
        if (reply->status == 0)
                stage->sizes[stage->n++] = order->size;
}

static void work_release(Stage *stage, const Order *order, Reply *reply) {
        (void) order;
        while (stage->n > 0) {
                stage->n--;
                if (munmap(stage->memory[stage->n], stage->sizes[stage->n]) < 0)
                        reply->status = -errno;
        }
}

/* Each byte is written or read once: a page that is used twice would count as active. */
static int64_t transfer(int fd, bool is_writing, uint64_t size) {
        g_autofree char *buffer = g_malloc(CHUNK);

        memset(buffer, 'x', CHUNK);
        for (uint64_t done = 0; done < size; done += CHUNK) {
                ssize_t n = is_writing ? write(fd, buffer, CHUNK) : read(fd, buffer, CHUNK);

                if (n == 0)
                        break;
                if (n < 0)
                        return -errno;
        }
        return is_writing && fsync(fd) < 0 ? -errno : 0;
}

static int64_t transfer_file(const char *name, int flags, uint64_t size) {
        int fd = open(name, flags | O_CLOEXEC, 0600);
        int64_t r;

        if (fd < 0)
                return -errno;
        r = transfer(fd, flags & O_WRONLY, size);
        (void) close(fd);
        return r;
}

static void work_write_file(Stage *stage, const Order *order, Reply *reply) {
        (void) stage;
        reply->status = transfer_file(order->texts[0], O_WRONLY | O_CREAT | O_TRUNC, order->size);
}

static void work_read_file(Stage *stage, const Order *order, Reply *reply) {
        (void) stage;
        reply->status = transfer_file(order->texts[0], O_RDONLY, UINT64_MAX);
}

static void work_drop_file(Stage *stage, const Order *order, Reply *reply) {
        int fd = open(order->texts[0], O_RDONLY | O_CLOEXEC);

        (void) stage;
        if (fd < 0) {
                reply->status = -errno;
                return;
        }
        reply->status = fsync(fd) < 0 ? -errno : -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        (void) close(fd);
}

static void work_limit_address_space(Stage *stage, const Order *order, Reply *reply) {
        g_autofree char *text = NULL;
        struct rlimit limit;
        unsigned long pages;

        (void) stage;
        if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL) ||
            sscanf(text, "%lu", &pages) != 1) {
                reply->status = -EIO;
                return;
        }
        limit.rlim_cur = limit.rlim_max = pages * (unsigned long) sysconf(_SC_PAGESIZE) + order->size;
        reply->status = setrlimit(RLIMIT_AS, &limit) < 0 ? -errno : 0;
}

/* The kernel is told whom to end, so that the actor lives to say it. */
static void work_overeat(Stage *stage, const Order *order, Reply *reply) {
        pid_t pid = process_fork();
        int status = 0;

        (void) stage;
        if (pid == 0) {
                int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
                void *memory;

                if (fd < 0 || write(fd, "1000", 4) != 4)
                        _exit(1);
                _exit(touch(order->size, &memory) < 0 ? 1 : 0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid) {
                reply->status = -errno;
                return;
        }
        reply->figures[0] = WIFSIGNALED(status) ? (uint64_t) WTERMSIG(status) : 0;
}

static void work_make_zombie(Stage *stage, const Order *order, Reply *reply) {
        pid_t pid = process_fork();
        siginfo_t ended = { 0 };

        (void) stage;
        (void) order;
        if (pid == 0)
                _exit(0);
        if (pid < 0 || waitid(P_PID, (id_t) pid, &ended, WEXITED | WNOWAIT) < 0)
                reply->status = -errno;
        reply->figures[0] = (uint64_t) pid;
}

/* Reports when the leader is dead. Nothing can be waited for that says so: the process lives on. */
static void *outlive_leader(void *userdata) {
        gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
        int fd = *(int *) userdata;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (process_state(getpid(), getpid()) != 'Z' && g_get_monotonic_time() < deadline)
                (void) sched_yield();
        if (write(fd, "", 1) != 1)
                _exit(1);
        for (;;)
                (void) pause();
}

static void work_make_leaderless(Stage *stage, const Order *order, Reply *reply) {
        static int fds[2];
        struct pollfd said;
        pthread_t thread;
        pid_t pid;

        (void) stage;
        (void) order;
        if (pipe2(fds, O_CLOEXEC) < 0 || (pid = process_fork()) < 0) {
                reply->status = -errno;
                return;
        }
        if (pid == 0) {
                if (pthread_create(&thread, NULL, outlive_leader, &fds[1]) != 0)
                        _exit(1);
                (void) syscall(SYS_exit, 0); /* of this thread alone */
        }
        (void) close(fds[1]);
        said = (struct pollfd) { .fd = fds[0], .events = POLLIN };
        if (poll(&said, 1, ORDER_TIMEOUT_MSEC / 2) <= 0 || process_state(pid, pid) != 'Z')
                reply->status = -ETIMEDOUT;
        (void) close(fds[0]);
        reply->figures[0] = (uint64_t) pid;
}

static void work_run(Stage *stage, const Order *order, Reply *reply) {
        const char *argv[G_N_ELEMENTS(order->texts) + 1] = { NULL };
        Command command;

        (void) stage;
        for (size_t i = 0; i < G_N_ELEMENTS(order->texts) && *order->texts[i]; i++)
                argv[i] = order->texts[i];
        command_run(argv, &command);
        reply->status = command.status;
        memcpy(reply->text, command.text, sizeof(reply->text));
}

/* texts[0] is the member; the reply is "ttt" or "ts". */
static void work_call(Stage *stage, const Order *order, Reply *reply) {
        __attribute__((__cleanup__(sd_bus_message_unrefp))) sd_bus_message *call = NULL;
        __attribute__((__cleanup__(sd_bus_message_unrefp))) sd_bus_message *answer = NULL;
        __attribute__((__cleanup__(sd_bus_error_free))) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *by = "";
        int r = 0;

        if (!stage->bus)
                r = sd_bus_open_system(&stage->bus);
        if (r >= 0)
                r = sd_bus_message_new_method_call(stage->bus,
                                                   &call,
                                                   MYMEM_BUS_NAME,
                                                   MYMEM_MANAGER_PATH,
                                                   MYMEM_MANAGER_INTERFACE,
                                                   order->texts[0]);
        if (r >= 0)
                r = sd_bus_call(stage->bus, call, CALL_TIMEOUT_USEC, &error, &answer);
        if (r >= 0 && g_str_equal(order->texts[0], "GetMemory"))
                r = sd_bus_message_read(
                        answer, "ttt", &reply->figures[0], &reply->figures[1], &reply->figures[2]);
        else if (r >= 0)
                r = sd_bus_message_read(answer, "ts", &reply->figures[0], &by);
        reply->status = r < 0 ? r : 0;
        g_strlcpy(reply->text, r < 0 && error.name ? error.name : by, sizeof(reply->text));
}

_Noreturn static void act(int fd) {
        Stage stage = { 0 };
        Order order;
        Reply reply;

        while (recv(fd, &order, sizeof(order), 0) == sizeof(order)) {
                memset(&reply, 0, sizeof(reply));
                order.work(&stage, &order, &reply);
                if (send(fd, &reply, sizeof(reply), MSG_NOSIGNAL) != sizeof(reply))
                        break;
        }
        _exit(0);
}

Actor *actor_new(void) {
        Actor *actor = g_new0(Actor, 1);
        int fds[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                g_error("Cannot make a socket pair: %s", g_strerror(errno));
        actor->fd = fds[0];
        actor->pid = process_fork();
        if (actor->pid < 0)
                g_error("Cannot fork: %s", g_strerror(errno));
        if (actor->pid == 0) {
                (void) close(fds[0]);
                act(fds[1]);
        }
        (void) close(fds[1]);
        return actor;
}

void actor_free(Actor *actor) {
        (void) close(actor->fd);
        process_end_child(actor->pid);
        g_free(actor);
}

void actor_ask(Actor *actor, const Order *order, Reply *ret) {
        struct pollfd ready = { .fd = actor->fd, .events = POLLIN };

        if (send(actor->fd, order, sizeof(*order), MSG_NOSIGNAL) != sizeof(*order))
                g_error("Cannot give an order to process %d: %s", (int) actor->pid, g_strerror(errno));
        if (poll(&ready, 1, ORDER_TIMEOUT_MSEC) <= 0 ||
            recv(actor->fd, ret, sizeof(*ret), 0) != sizeof(*ret))
                g_error("Process %d does not do what it is told.", (int) actor->pid);
}

/* For orders that have to succeed. */
static uint64_t order_done(Actor *actor, const Order *order, const char *what) {
        g_autofree Reply *reply = g_new0(Reply, 1);

        actor_ask(actor, order, reply);
        if (reply->status < 0)
                g_error("Process %d cannot %s: %s",
                        (int) actor->pid,
                        what,
                        g_strerror((int) -reply->status));
        return reply->figures[0];
}

void actor_allocate(Actor *actor, uint64_t size) {
        (void) order_done(actor, &(Order) { .work = work_allocate, .size = size }, "allocate");
}

void actor_release(Actor *actor) {
        (void) order_done(actor, &(Order) { .work = work_release }, "give memory back");
}

static void order_file(Actor *actor, Order order, const char *name, const char *what) {
        g_strlcpy(order.texts[0], name, sizeof(order.texts[0]));
        (void) order_done(actor, &order, what);
}

void actor_write_file(Actor *actor, const char *name, uint64_t size) {
        order_file(actor, (Order) { .work = work_write_file, .size = size }, name, "write a file");
}

void actor_read_file(Actor *actor, const char *name) {
        order_file(actor, (Order) { .work = work_read_file }, name, "read a file");
}

void actor_drop_file(Actor *actor, const char *name) {
        order_file(actor, (Order) { .work = work_drop_file }, name, "drop a file from the cache");
}

void actor_limit_address_space(Actor *actor, uint64_t more) {
        (void) order_done(
                actor, &(Order) { .work = work_limit_address_space, .size = more }, "set RLIMIT_AS");
}

int actor_overeat(Actor *actor, uint64_t size) {
        return (int) order_done(actor, &(Order) { .work = work_overeat, .size = size }, "fork");
}

pid_t actor_make_zombie(Actor *actor) {
        return (pid_t) order_done(actor, &(Order) { .work = work_make_zombie }, "make a zombie");
}

pid_t actor_make_leaderless(Actor *actor) {
        return (pid_t) order_done(actor, &(Order) { .work = work_make_leaderless }, "end a leader");
}

void actor_run(Actor *actor, const char *const argv[], Command *ret) {
        g_autofree Reply *reply = g_new0(Reply, 1);
        Order order = { .work = work_run };

        for (size_t i = 0; argv[i]; i++) {
                g_assert_cmpuint(i, <, G_N_ELEMENTS(order.texts));
                g_strlcpy(order.texts[i], argv[i], sizeof(order.texts[i]));
        }
        actor_ask(actor, &order, reply);
        ret->status = (int) reply->status;
        memcpy(ret->text, reply->text, sizeof(ret->text));
}

static int call(Actor *actor, const char *member, uint64_t *ret_figures, size_t n, char *ret_text) {
        g_autofree Reply *reply = g_new0(Reply, 1);
        Order order = { .work = work_call };

        g_strlcpy(order.texts[0], member, sizeof(order.texts[0]));
        actor_ask(actor, &order, reply);
        memcpy(ret_figures, reply->figures, n * sizeof(*ret_figures));
        g_strlcpy(ret_text, reply->text, COMMAND_TEXT_MAX);
        return (int) reply->status;
}

int actor_get_memory(Actor *actor, uint64_t ret[3], char *ret_error) {
        return call(actor, "GetMemory", ret, 3, ret_error);
}

int actor_get_available(Actor *actor, uint64_t *ret, char *ret_by) {
        return call(actor, "GetAvailable", ret, 1, ret_by);
}
