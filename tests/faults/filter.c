/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_ELEMENTS(array) (sizeof(array) / sizeof(*(array)))

/* These go on as ever. That malloc() fails is tested elsewhere. */
static const unsigned untouched[] = {
        SYS_brk,
        SYS_clock_gettime,
        SYS_clone,
        SYS_clone3,
        SYS_close,
        SYS_execve,
        SYS_exit,
        SYS_exit_group,
        SYS_futex,
        SYS_getpid,
        SYS_getrandom,
        SYS_gettid,
        SYS_madvise,
        SYS_mmap,
        SYS_mprotect,
        SYS_mremap,
        SYS_munmap,
        SYS_restart_syscall,
        SYS_rseq,
        SYS_rt_sigprocmask,
        SYS_rt_sigreturn,
        SYS_sched_yield,
        SYS_set_robust_list,
        SYS_set_tid_address,
        SYS_sigaltstack,
#ifdef SYS_arch_prctl
        SYS_arch_prctl,
#endif
};

/* sendmsg() by which the supervisor gets its descriptor is not touched, either. */
static int load(int fd) {
        struct sock_filter filter[N_ELEMENTS(untouched) + 8];
        unsigned short n = 0;

        filter[n++] =
                (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
        for (size_t i = 0; i < N_ELEMENTS(untouched); i++)
                filter[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                            untouched[i],
                                                            (unsigned char) (N_ELEMENTS(untouched) - i + 3),
                                                            0);
        filter[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendmsg, 0, 2);
        filter[n++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                    offsetof(struct seccomp_data, args[0]));
        filter[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) fd, 1, 0);
        filter[n++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
        filter[n++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

        struct sock_fprog program = { .len = n, .filter = filter };
        long r;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
        return r < 0 ? -errno : (int) r;
}

int filter_install(int fd) {
        union {
                struct cmsghdr header;
                char space[CMSG_SPACE(sizeof(int))];
        } control = { 0 };
        pid_t pid = getpid();
        struct iovec iov = { .iov_base = &pid, .iov_len = sizeof(pid) };
        struct msghdr message = {
                .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        int listener_fd;

        listener_fd = load(fd);
        if (listener_fd < 0)
                return listener_fd;

        *CMSG_FIRSTHDR(&message) = (struct cmsghdr) { .cmsg_level = SOL_SOCKET,
                                                      .cmsg_type = SCM_RIGHTS,
                                                      .cmsg_len = CMSG_LEN(sizeof(int)) };
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &listener_fd, sizeof(int));
        if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
                _exit(EXIT_FAILURE); /* every other call would wait for ever */

        close(listener_fd);
        close(fd);
        return 0;
}

bool filter_is_possible(void) {
        int status;
        pid_t pid;

        pid = fork();
        if (pid == 0)
                _exit(load(-1) < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
                WEXITSTATUS(status) == EXIT_SUCCESS;
}
