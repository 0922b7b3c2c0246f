/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "closer.h"

#define WAITING_MAX 64
#define PAUSE_MSEC 100

/* What goes into the pipe is closed at its other end. */
static int closing_fd = -1;
static atomic_size_t n_waiting;

static void *run(void *pointer) {
        const int fd = (int) (intptr_t) pointer;
        int closed;

        /* Nobody closes the other end. What fails all the same is tried again, not as fast as it can. */
        for (;;)
                if (read(fd, &closed, sizeof(closed)) == sizeof(closed)) {
                        close(closed);
                        atomic_fetch_sub(&n_waiting, 1);
                } else if (errno != EINTR)
                        (void) poll(NULL, 0, PAUSE_MSEC);

        return NULL;
}

void closer_start(void) {
        sigset_t all, before;
        pthread_t thread;
        int fds[2];

        if (closing_fd >= 0 || pipe2(fds, O_CLOEXEC) < 0)
                return;

        /* Signals are the event loop's business. */
        sigfillset(&all);
        if (pthread_sigmask(SIG_SETMASK, &all, &before) == 0) {
                if (pthread_create(&thread, NULL, run, (void *) (intptr_t) fds[0]) == 0) {
                        (void) pthread_detach(thread);
                        (void) fcntl(fds[1], F_SETFL, O_NONBLOCK);
                        closing_fd = fds[1];
                }
                (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        }
        if (closing_fd < 0) {
                close(fds[0]);
                close(fds[1]);
        }
}

void closer_close(const int *fds, size_t n) {
        assert(fds || n == 0);

        for (size_t i = 0; i < n; i++) {
                atomic_fetch_add(&n_waiting, 1);
                if (closing_fd >= 0 && write(closing_fd, &fds[i], sizeof(fds[i])) == sizeof(fds[i]))
                        continue;
                close(fds[i]);
                atomic_fetch_sub(&n_waiting, 1);
        }
}

bool closer_is_behind(void) {
        return atomic_load(&n_waiting) > WAITING_MAX;
}
