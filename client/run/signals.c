/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "signals.h"

static const int taken[] = {
        SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH,
};

int signals_take(sigset_t *ret_mask) {
        sigset_t mask, blocked;
        int fd;

        (void) sigemptyset(&mask);
        for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
                (void) sigaddset(&mask, taken[i]);
        /* Who ignores its children is not told of their end; whoever started us may have left it so. */
        if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
                return -errno;

        fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd < 0)
                return -errno;

        /* What we write to may be gone; that is an error there, and no reason to end before the command. */
        blocked = mask;
        (void) sigaddset(&blocked, SIGPIPE);
        (void) sigprocmask(SIG_BLOCK, &blocked, ret_mask);
        return fd;
}

/* The kernel sends what is typed, and also SIGHUP when the terminal is gone: but that to the leader of a
 * session alone. */
static bool is_for_us_alone(const struct signalfd_siginfo *info) {
        return info->ssi_code <= 0 || info->ssi_signo == SIGHUP;
}

SignalsNews signals_read(int fd, const Command *command) {
        struct signalfd_siginfo info;

        if (read(fd, &info, sizeof(info)) != (ssize_t) sizeof(info))
                return SIGNALS_NONE;

        switch (info.ssi_signo) {
        case SIGCHLD:
                return SIGNALS_NONE;
        case SIGWINCH:
                return SIGNALS_RESIZE;
        default:
                break;
        }

        if (is_for_us_alone(&info) && (pid_t) info.ssi_pid != command->pid && !command->has_ended)
                (void) kill(command->pid, (int) info.ssi_signo);
        return info.ssi_signo == SIGTSTP ? SIGNALS_STOP : SIGNALS_NONE;
}

/* The kernel does not stop everybody: nobody could have a process group go on that no shell looks after. So
 * it is asked to do what it does, and nothing else stops us. */
void signals_stop(void) {
        sigset_t mask;

        (void) sigemptyset(&mask);
        (void) sigaddset(&mask, SIGTSTP);
        (void) raise(SIGTSTP);
        (void) sigprocmask(SIG_UNBLOCK, &mask, NULL);
        (void) sigprocmask(SIG_BLOCK, &mask, NULL);
}
