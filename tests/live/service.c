/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "command.h"
#include "process.h"
#include "service.h"

#define START_TIMEOUT_MSEC 20000

/* Everybody may do everything: who may do what is the business of the tests in tests/bus. */
#define CONFIGURATION                                                                          \
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n" \
        " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"                  \
        "<busconfig>\n"                                                                        \
        "  <listen>unix:path=%s/bus</listen>\n"                                                \
        "  <auth>EXTERNAL</auth>\n"                                                            \
        "  <policy context=\"default\">\n"                                                     \
        "    <allow send_destination=\"*\"/>\n"                                                \
        "    <allow receive_sender=\"*\"/>\n"                                                  \
        "    <allow own=\"*\"/>\n"                                                             \
        "    <allow user=\"*\"/>\n"                                                            \
        "  </policy>\n"                                                                        \
        "</busconfig>\n"

static void write_text(const char *name, const char *text) {
        g_autoptr(GError) error = NULL;

        if (!g_file_set_contents(name, text, -1, &error))
                g_error("Cannot write %s: %s", name, error->message);
}

/* The bus says its address when it listens. */
static void start_bus(Service *service) {
        g_autofree char *text = g_strdup_printf(CONFIGURATION, service->directory);
        g_autofree char *configuration = g_build_filename(service->directory, "bus.conf", NULL);
        g_autofree char *option = g_strconcat("--config-file=", configuration, NULL);
        g_autofree char *print = NULL;
        char address[512];
        struct pollfd said;
        ssize_t n;
        int fds[2];

        write_text(configuration, text);
        if (pipe2(fds, O_CLOEXEC) < 0)
                g_error("Cannot make a pipe: %s", g_strerror(errno));
        print = g_strdup_printf("--print-address=%d", fds[1]);
        service->bus = command_start(
                (const char *const[]) { "dbus-daemon", option, "--nofork", "--nopidfile", print, NULL },
                NULL,
                fds[1]);
        (void) close(fds[1]);

        said = (struct pollfd) { .fd = fds[0], .events = POLLIN };
        n = poll(&said, 1, START_TIMEOUT_MSEC) > 0 ? read(fds[0], address, sizeof(address) - 1) : -1;
        (void) close(fds[0]);
        if (n <= 0)
                g_error("dbus-daemon does not start.");
        address[n] = '\0';
        service->address = g_strdup(g_strchomp(address));
}

static int listen_for_ready(struct sockaddr_un *address, const char *path) {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
        g_strlcpy(address->sun_path, path, sizeof(address->sun_path));
        if (fd < 0 || bind(fd, (struct sockaddr *) address, sizeof(*address)) < 0)
                g_error("Cannot listen on %s: %s", path, g_strerror(errno));
        return fd;
}

static bool says_ready(int fd) {
        gint64 deadline = g_get_monotonic_time() + START_TIMEOUT_MSEC * 1000;
        char text[4096];

        for (;;) {
                struct pollfd said = { .fd = fd, .events = POLLIN };
                gint64 left = (deadline - g_get_monotonic_time()) / 1000;
                g_auto(GStrv) lines = NULL;
                ssize_t n;

                if (left <= 0 || poll(&said, 1, (int) left) <= 0)
                        return false;
                n = recv(fd, text, sizeof(text) - 1, 0);
                if (n < 0)
                        return false;
                text[n] = '\0';
                lines = g_strsplit(text, "\n", -1);
                if (g_strv_contains((const char *const *) lines, "READY=1"))
                        return true;
        }
}

void service_prepare(Service *ret) {
        *ret = (Service) { .directory = g_dir_make_tmp("mymem-live-XXXXXX", NULL) };
        if (!ret->directory)
                g_error("Cannot make a temporary directory: %s", g_strerror(errno));
}

void service_start(Service *service) {
        const char *program = g_getenv("MYMEM_SERVICE");
        g_autofree char *address = NULL;
        g_autofree char *notify = g_build_filename(service->directory, "notify", NULL);
        g_autofree char *variable = g_strconcat("NOTIFY_SOCKET=", notify, NULL);
        struct sockaddr_un socket_address;
        int fd;

        if (!program)
                g_error("MYMEM_SERVICE does not say where mymemd is.");
        start_bus(service);

        address = g_strconcat("--address=", service->address, NULL);
        fd = listen_for_ready(&socket_address, notify);
        service->daemon = command_start((const char *const[]) { program, address, NULL }, variable, -1);
        if (!says_ready(fd))
                g_error("%s does not say READY=1.", program);
        (void) close(fd);
        (void) setenv("DBUS_SYSTEM_BUS_ADDRESS", service->address, 1);
}

void service_stop(Service *service) {
        /* What it has run is written down, where coverage is measured, if it ends by itself. */
        if (service->daemon > 0 && kill(service->daemon, SIGTERM) == 0)
                (void) process_await(service->daemon, START_TIMEOUT_MSEC);
        process_end_child(service->daemon);
        process_end_child(service->bus);
        service->daemon = service->bus = 0;
        g_clear_pointer(&service->address, g_free);
}

void service_clean(Service *service) {
        static const char *const names[] = { "bus", "bus.conf", "notify" };

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *name = g_build_filename(service->directory, names[i], NULL);

                (void) g_unlink(name);
        }
        (void) g_rmdir(service->directory);
        g_clear_pointer(&service->directory, g_free);
}
