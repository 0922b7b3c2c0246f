/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "group.h"
#include "names.h"
#include "parcel.h"
#include "stranger.h"

#define FIRST_SERIAL 2
#define BURST 16   /* calls on one connection before the next has its turn */
#define IDLE_MS 20 /* when nobody takes anything */
#define CPU_SEC 60
#define DESCRIPTORS 4096

typedef struct Line {
        int fd; /* -1 if it is closed */
        unsigned n_called;
        size_t n_rest; /* bytes of a call that is sent in part */
} Line;

typedef struct Work {
        const Attack *attack;
        const char *address, *destination;
        GString *calls[2];
        Line *lines;
        unsigned n_lines;
} Work;

static void line_close(Line *line) {
        if (line->fd >= 0)
                close(line->fd);
        *line = (Line) { .fd = -1 };
}

static bool line_open(const Work *work, Line *line) {
        *line = (Line) { .fd = work->destination ? stranger_try_bus(work->address) :
                                                   stranger_try(work->address) };
        return line->fd >= 0;
}

/* Takes what there is; false if the connection is closed. */
static bool line_read(const Line *line) {
        char bytes[65536];
        ssize_t n;

        /* Descriptors that find no room the kernel closes. */
        while ((n = recv(line->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
                ;
        return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Sends one call, or what is left of one; as much as is taken at once. Returns 1 if all was, 0 if not, or
 * -1 if the connection is closed. */
static int line_send(const Work *work, Line *line) {
        GString *call = work->calls[line->n_called % 2];
        const uint32_t serial = FIRST_SERIAL + line->n_called;
        size_t offset = line->n_rest > 0 ? call->len - line->n_rest : 0;
        const size_t size = call->len - offset;
        ssize_t n;

        /* A bus does not take one again that was not answered yet. */
        memcpy(call->str + WIRE_SERIAL_OFFSET, &serial, sizeof(serial));
        n = parcel_send_copies(line->fd,
                               call->str + offset,
                               size,
                               STDIN_FILENO, /* which everybody has */
                               offset == 0 ? work->attack->n_fds : 0,
                               MSG_DONTWAIT);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR || errno == ETOOMANYREFS ? 0 : -1;

        line->n_rest = size - (size_t) n;
        line->n_called += line->n_rest == 0;
        return line->n_rest == 0;
}

/* One turn of a connection. Returns whether anything was sent. */
static bool line_serve(const Work *work, Line *line) {
        const Attack *attack = work->attack;
        const Line before = *line;
        int r = 1;

        if (line->fd < 0 && !line_open(work, line))
                return false;
        if (!attack->is_deaf && !line_read(line)) {
                line_close(line);
                return true;
        }

        for (unsigned i = 0; i < BURST && r > 0; i++) {
                if (attack->n_calls > 0 && line->n_called >= attack->n_calls)
                        break;
                r = line_send(work, line);
        }
        if (r < 0)
                line_close(line);
        return line->n_called != before.n_called || line->n_rest != before.n_rest;
}

/* Waits until somebody takes something, or not for long. */
static void rest(const Work *work) {
        struct pollfd entry = { .fd = work->lines[0].fd, .events = POLLOUT };

        if (!work->attack->is_deaf)
                entry.events |= POLLIN;
        (void) poll(&entry, 1, IDLE_MS);
}

static void bound_ourselves(void) {
        const struct rlimit cpu = { CPU_SEC, CPU_SEC }, descriptors = { DESCRIPTORS, DESCRIPTORS };

        g_assert_cmpint(setrlimit(RLIMIT_CPU, &cpu), ==, 0);
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &descriptors), ==, 0);
}

static void write_calls(Work *work) {
        g_autofree char *text = g_strnfill(work->attack->n_text, 'a');

        for (size_t i = 0; i < G_N_ELEMENTS(work->calls); i++) {
                WireCall call = work->attack->calls[work->attack->calls[i].member ? i : 0];

                call.destination = work->destination;
                call.n_fds = (uint32_t) work->attack->n_fds;
                if (work->attack->n_text > 0)
                        call.text = text;
                work->calls[i] = wire_write(&call);
        }
}

static void run(Work *work, int counter_fd) {
        work->n_lines = MAX(work->attack->n_connections, 1);
        work->lines = g_new(Line, work->n_lines);
        write_calls(work);
        for (unsigned i = 0; i < work->n_lines; i++)
                work->lines[i] = (Line) { .fd = -1 };

        for (;;) {
                bool is_busy = false;

                for (unsigned i = 0; i < work->n_lines; i++)
                        is_busy |= line_serve(work, &work->lines[i]);
                if (is_busy)
                        (void) !write(counter_fd, "", 1);
                else
                        rest(work);
        }
}

Attacker attack_start(const Attack *attack,
                      const char *address,
                      const char *destination,
                      const char *group) {
        Work work = { .attack = attack, .address = address, .destination = destination };
        pid_t parent = getpid();
        Attacker attacker;
        int counter[2];

        g_assert_cmpint(pipe2(counter, O_CLOEXEC | O_NONBLOCK), ==, 0);
        attacker.pid = child_fork();
        if (attacker.pid == 0) {
                child_keep(&counter[1], 1);
                if (group)
                        group_enter(group);
                bound_ourselves();
                g_assert_cmpint(setresgid(ATTACK_UID, ATTACK_UID, ATTACK_UID), ==, 0);
                g_assert_cmpint(setresuid(ATTACK_UID, ATTACK_UID, ATTACK_UID), ==, 0);
                child_bind(parent);
                run(&work, counter[1]);
        }
        close(counter[1]);
        attacker.counter_fd = counter[0];
        g_assert_true(child_hear(attacker.counter_fd));
        return attacker;
}

bool attacker_is_busy(const Attacker *attacker) {
        struct pollfd entry = { .fd = attacker->counter_fd, .events = POLLIN };
        char bytes[4096];

        while (read(attacker->counter_fd, bytes, sizeof(bytes)) > 0)
                ;
        return poll(&entry, 1, 10 * IDLE_MS) > 0;
}

void attack_end(Attacker *attacker) {
        g_assert_cmpint(waitpid(attacker->pid, NULL, WNOHANG), ==, 0);
        child_kill(attacker->pid);
        close(attacker->counter_fd);
}
