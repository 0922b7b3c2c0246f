/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"

/* Nothing may be left behind of us: descriptors are closed by exec(), signals are as they were. */
static _Noreturn void become(char **arguments, const sigset_t *mask, int go_fd, int error_fd) {
        char byte;
        int error;

        /* Who ends before they say so wants nothing to be run. */
        if (read(go_fd, &byte, 1) != 1)
                _exit(EXIT_FAILURE);
        (void) sigprocmask(SIG_SETMASK, mask, NULL);
        (void) execvp(arguments[0], arguments);
        error = errno;
        if (write(error_fd, &error, sizeof(error)) < 0)
                _exit(EXIT_FAILURE);
        _exit(EXIT_FAILURE);
}

int command_fork(char **arguments, const sigset_t *mask, Command *ret) {
        int go[2], error[2], r;
        Command command = { 0 };

        assert(arguments && arguments[0]);

        if (pipe2(go, O_CLOEXEC) < 0)
                return -errno;
        if (pipe2(error, O_CLOEXEC) < 0) {
                r = -errno;
                close(go[0]);
                close(go[1]);
                return r;
        }

        command.pid = fork();
        r = -errno;
        if (command.pid == 0) {
                close(go[1]);
                become(arguments, mask, go[0], error[1]);
        }
        close(go[0]);
        close(error[1]);
        command.go_fd = go[1];
        command.error_fd = error[0];
        if (command.pid < 0) {
                close(command.go_fd);
                close(command.error_fd);
                return r;
        }

        *ret = command;
        return 0;
}

static void await(Command *command) {
        while (wait4(command->pid, &command->status, 0, &command->usage) < 0 && errno == EINTR)
                ;
        command->has_ended = true;
}

int command_start(Command *command) {
        _cleanup_close_ int go_fd = take_fd(&command->go_fd), error_fd = take_fd(&command->error_fd);
        int error;
        ssize_t n;

        if (write(go_fd, "", 1) < 0)
                return -errno;
        do
                n = read(error_fd, &error, sizeof(error));
        while (n < 0 && errno == EINTR);
        /* The pipe is closed by a successful exec(), or if the process was killed before. */
        if (n != (ssize_t) sizeof(error))
                return 0;

        await(command);
        return -error;
}

bool command_has_ended(Command *command) {
        if (!command->has_ended &&
            wait4(command->pid, &command->status, WNOHANG, &command->usage) == command->pid)
                command->has_ended = true;

        return command->has_ended;
}

void command_cancel(Command *command) {
        if (command->pid <= 0 || command->has_ended)
                return;

        closep(&command->go_fd);
        closep(&command->error_fd);
        await(command);
}

int command_exit_code(const Command *command) {
        assert(command->has_ended);

        return WIFSIGNALED(command->status) ? 128 + WTERMSIG(command->status) : WEXITSTATUS(command->status);
}
