/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "sanitized.h"

#define READY_SEC 60

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

/* Puts the descriptors where sd_listen_fds(3) looks for them. */
static void hand_over(const Handover *handovers, size_t n) {
        g_autofree char *count = g_strdup_printf("%zu", n), *pid = g_strdup_printf("%d", getpid());
        g_autoptr(GString) names = g_string_new(NULL);
        int copies[HANDOVERS_MAX];

        if (n == 0)
                return;
        for (size_t i = 0; i < n; i++) {
                copies[i] = fcntl(handovers[i].fd, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + HANDOVERS_MAX);
                g_string_append_printf(names, "%s%s", i > 0 ? ":" : "", handovers[i].name);
        }
        /* The copies that the program gets are not closed when it starts. */
        for (size_t i = 0; i < n; i++)
                if (dup2(copies[i], SD_LISTEN_FDS_START + (int) i) < 0)
                        _exit(EXIT_FAILURE);

        (void) setenv("LISTEN_PID", pid, true);
        (void) setenv("LISTEN_FDS", count, true);
        (void) setenv("LISTEN_FDNAMES", names->str, true);
}

Service *service_spawn_with(const char *const *options,
                            const char *variable,
                            const Handover *handovers,
                            size_t n_handovers) {
        const char *program = g_getenv("MYMEM_SERVICE"), *wrapper = g_getenv("MYMEM_WRAPPER");
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        Service *service = g_new0(Service, 1);
        g_auto(GStrv) words = NULL;
        g_autofree char *name = NULL;

        g_assert_nonnull(program);
        g_assert_cmpuint(n_handovers, <=, HANDOVERS_MAX);
        service->notifications = g_ptr_array_new_with_free_func(g_free);
        service->notify_fd = notify_socket(&name);
        service->pid = child_fork();
        if (service->pid > 0)
                return service;

        (void) dup2(STDERR_FILENO, STDOUT_FILENO);
        (void) setenv("NOTIFY_SOCKET", name, true);
        if (variable)
                (void) putenv(g_strdup(variable));
        hand_over(handovers, n_handovers);
        if (wrapper && g_shell_parse_argv(wrapper, NULL, &words, NULL))
                g_strv_builder_addv(builder, (const char **) words);
        g_strv_builder_add(builder, program);
        g_strv_builder_addv(builder, (const char **) options);
        words = g_strv_builder_end(builder);
        execvp(words[0], words);
        g_printerr("Cannot run %s: %s\n", program, g_strerror(errno));
        _exit(EXIT_FAILURE);
}

Service *service_spawn(const char *address, const char *variable) {
        g_autofree char *option = address ? g_strconcat("--address=", address, NULL) : NULL;

        return service_spawn_with(SERVICE_OPTIONS(option), variable, NULL, 0);
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

bool service_is_bare(void) {
#ifdef SANITIZED
        return false;
#else
        return !g_getenv("MYMEM_WRAPPER");
#endif
}

double service_busy(const Service *service) {
        struct timespec time;
        clockid_t clock;

        g_assert_cmpint(clock_getcpuclockid(service->pid, &clock), ==, 0);
        g_assert_cmpint(clock_gettime(clock, &time), ==, 0);
        return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

bool service_has_unread(const Service *service) {
        g_autofree char *path = g_strdup_printf("/proc/%d/fd", service->pid);
        int pidfd = child_pidfd(service->pid), n = 0;
        g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
        const char *name;

        g_assert_nonnull(directory);
        while (n == 0 && (name = g_dir_read_name(directory))) {
                int fd = pidfd_getfd(pidfd, (int) g_ascii_strtoll(name, NULL, 10), 0);

                if (fd < 0)
                        continue;
                /* Of what is no socket, it is an error. */
                if (ioctl(fd, SIOCOUTQ, &n) < 0)
                        n = 0;
                close(fd);
        }
        close(pidfd);
        return n > 0;
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

void service_limit_descriptors(const Service *service, unsigned n) {
        struct rlimit limit;

        g_assert_cmpint(prlimit(service->pid, RLIMIT_NOFILE, NULL, &limit), ==, 0);
        limit.rlim_cur = n;
        g_assert_cmpint(prlimit(service->pid, RLIMIT_NOFILE, &limit, NULL), ==, 0);
}

void service_tell_descriptors(const Service *service) {
        g_autofree char *path = g_strdup_printf("/proc/%d/fd", service->pid);
        g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
        const char *name;

        g_assert_nonnull(directory);
        while ((name = g_dir_read_name(directory))) {
                g_autofree char *link = g_build_filename(path, name, NULL),
                                *target = g_file_read_link(link, NULL);

                g_test_message("%s -> %s", name, target ? target : "closed by now");
        }
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

uint64_t service_peak(const Service *service) {
        g_autofree char *path = g_strdup_printf("/proc/%d/status", service->pid), *text = NULL;
        const char *found;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        found = strstr(text, "\nVmPeak:");
        g_assert_nonnull(found);
        return g_ascii_strtoull(found + strlen("\nVmPeak:"), NULL, 10) * 1024;
}
