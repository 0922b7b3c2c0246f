/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

#define READY_SEC 10

static int notify_socket(char **ret_name) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        socklen_t size = sizeof(address);
        int fd;

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(fd, >=, 0);
        /* Without a name the kernel picks a free one in the abstract namespace. */
        g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof(address.sun_family)), ==, 0);
        g_assert_cmpint(getsockname(fd, (struct sockaddr *) &address, &size), ==, 0);

        *ret_name = g_strdup_printf(
                "@%.*s", (int) (size - offsetof(struct sockaddr_un, sun_path) - 1), address.sun_path + 1);
        return fd;
}

Service *service_spawn(const char *address, const char *variable) {
        g_autofree char *name = NULL, *option = NULL;
        const char *program = g_getenv("MYMEM_SERVICE");
        Service *service = g_new0(Service, 1);

        g_assert_nonnull(program);
        option = address ? g_strconcat("--address=", address, NULL) : NULL;
        service->notifications = g_ptr_array_new_with_free_func(g_free);
        service->notify_fd = notify_socket(&name);
        service->pid = child_fork();
        if (service->pid > 0)
                return service;

        (void) dup2(STDERR_FILENO, STDOUT_FILENO);
        (void) setenv("NOTIFY_SOCKET", name, true);
        if (variable)
                (void) putenv(g_strdup(variable));
        execl(program, program, option, NULL);
        g_printerr("Cannot run %s: %s\n", program, g_strerror(errno));
        _exit(EXIT_FAILURE);
}

static void receive(Service *service) {
        char text[4096];
        ssize_t n;

        n = recv(service->notify_fd, text, sizeof(text) - 1, MSG_DONTWAIT);
        if (n < 0)
                return;
        text[n] = '\0';

        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (size_t i = 0; lines[i]; i++)
                g_ptr_array_add(service->notifications, g_strdup(lines[i]));
}

bool service_notified(Service *service, const char *line, unsigned seconds) {
        gint64 deadline = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
        int pidfd = child_pidfd(service->pid);
        bool seen, ended;

        for (;;) {
                struct pollfd entries[] = { { .fd = service->notify_fd, .events = POLLIN },
                                            { .fd = pidfd, .events = POLLIN } };
                gint64 left = MAX(deadline - g_get_monotonic_time(), 0);

                /* What was sent before the end is still to be read. */
                g_assert_cmpint(poll(entries, 2, (int) (left / 1000)), >=, 0);
                ended = entries[1].revents != 0 && entries[0].revents == 0;
                receive(service);

                seen = g_ptr_array_find_with_equal_func(service->notifications, line, g_str_equal, NULL);
                if (seen || ended || left == 0)
                        break;
        }

        close(pidfd);
        return seen;
}

Service *service_start(const char *address) {
        Service *service = service_spawn(address, NULL);

        g_assert_true(service_notified(service, "READY=1", READY_SEC));
        return service;
}

int service_wait(Service *service) {
        int status;

        status = child_wait(service->pid, CHILD_PATIENCE_SEC);
        close(service->notify_fd);
        g_ptr_array_unref(service->notifications);
        g_free(service);

        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void service_stop(Service *service) {
        g_assert_cmpint(kill(service->pid, SIGTERM), ==, 0);
        g_assert_cmpint(service_wait(service), ==, EXIT_SUCCESS);
}

unsigned service_descriptors(const Service *service) {
        g_autofree char *path = g_strdup_printf("/proc/%d/fd", service->pid);
        unsigned n = 0;
        GDir *directory;

        directory = g_dir_open(path, 0, NULL);
        g_assert_nonnull(directory);
        while (g_dir_read_name(directory))
                n++;
        g_dir_close(directory);
        return n;
}

uint64_t service_memory(const Service *service) {
        g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", service->pid), *text = NULL;
        static const char *const keys[] = { "Private_Clean:", "Private_Dirty:" };
        uint64_t kilobytes = 0;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
                const char *found = strstr(text, keys[i]);

                g_assert_nonnull(found);
                kilobytes += g_ascii_strtoull(found + strlen(keys[i]), NULL, 10);
        }
        return kilobytes * 1024;
}
