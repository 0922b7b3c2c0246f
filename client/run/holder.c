/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "holder.h"

/* Of a whole group that is killed for one of its processes (memory.oom.group), too, this one is spared. */
static void ask_to_be_spared(void) {
        static const char never[] = "-1000";
        _cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

        if (fd >= 0 && write(fd, never, strlen(never)) < 0)
                return; /* not ours to say: then it is small, and the larger ones are taken first */
}

/* What stops a unit sends signals to all that is in it; what is typed on a terminal goes to a session. */
static _Noreturn void hold(int fd) {
        sigset_t all;
        char byte;

        (void) sigfillset(&all);
        (void) sigprocmask(SIG_SETMASK, &all, NULL);
        (void) setsid();
        (void) prctl(PR_SET_NAME, "mymem-holder");
        /* Nothing is kept from being unmounted, or seen to be closed, by who only waits. */
        if (dup2(fd, 0) < 0 || chdir("/") < 0)
                _exit(1);
        /* Of the pipe, too, the end that is written to: we would wait for ourselves. */
        closefrom(1);
        ask_to_be_spared();
        while (read(0, &byte, 1) > 0)
                ;
        _exit(0);
}

int holder_start(Holder *ret) {
        Holder holder;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;

        holder.fd = fds[1];
        holder.pid = fork();
        if (holder.pid == 0)
                hold(fds[0]);
        close(fds[0]);
        if (holder.pid < 0) {
                close(fds[1]);
                return -errno;
        }

        *ret = holder;
        return 0;
}

void holder_release(Holder *holder) {
        if (holder->pid <= 0)
                return;

        close(holder->fd);
        while (waitpid(holder->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        holder->pid = 0;
}
