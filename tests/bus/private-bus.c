/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "private-bus.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker.h"
#include "child.h"

static const char permissive[] = "  <policy context=\"default\">\n"
                                 "    <allow user=\"*\"/>\n"
                                 "    <allow own=\"*\"/>\n"
                                 "    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
                                 "    <allow eavesdrop=\"true\"/>\n"
                                 "  </policy>\n";

bool private_bus_is_broker(void) {
        const char *kind = g_getenv("MYMEM_TEST_BROKER");

        return g_strcmp0(kind, "dbus-broker") == 0;
}

static char *find_program(void) {
        return g_find_program_in_path(private_bus_is_broker() ? "dbus-broker" : "dbus-daemon");
}

bool private_bus_is_installed(void) {
        g_autofree char *program = find_program();

        return program != NULL;
}

static char *write_config(const PrivateBus *bus) {
        g_autofree char *config = NULL, *text = NULL;

        text = g_strdup_printf(
                "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
                " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                "<busconfig>\n"
                "  <type>system</type>\n"
                "  <listen>%s</listen>\n"
                "  <auth>EXTERNAL</auth>\n"
                "%s"
                "  <limit name=\"max_connections_per_user\">1024</limit>\n"
                "</busconfig>\n",
                bus->address,
                permissive);
        config = g_build_filename(bus->directory.path, "bus.conf", NULL);
        g_assert_true(g_file_set_contents(config, text, -1, NULL));
        return g_steal_pointer(&config);
}

static void start_daemon(PrivateBus *bus, int ready_fd) {
        g_autofree char *program = find_program(), *config = NULL, *config_option = NULL,
                        *print_option = NULL;

        config = write_config(bus);
        config_option = g_strconcat("--config-file=", config, NULL);
        print_option = g_strdup_printf("--print-address=%d", ready_fd);

        bus->pid = child_fork();
        if (bus->pid > 0)
                return;

        /* What the test prints itself is read as TAP. */
        (void) dup2(STDERR_FILENO, STDOUT_FILENO);
        (void) fcntl(ready_fd, F_SETFD, 0);
        execl(program, program, "--nofork", "--nopidfile", config_option, print_option, NULL);
        _exit(EXIT_FAILURE);
}

static void start_broker(PrivateBus *bus, int ready_fd) {
        g_autofree char *program = find_program();
        int fd;

        fd = directory_listen(&bus->directory, SOCK_NONBLOCK);
        bus->pid = child_fork();
        if (bus->pid == 0) {
                (void) dup2(STDERR_FILENO, STDOUT_FILENO);
                broker_control(program, fd, ready_fd);
        }
        close(fd);
}

void private_bus_return(PrivateBus *bus) {
        int ready[2];

        g_assert_cmpint(pipe2(ready, O_CLOEXEC), ==, 0);
        if (private_bus_is_broker())
                start_broker(bus, ready[1]);
        else
                start_daemon(bus, ready[1]);
        close(ready[1]);

        /* One listens before it prints its address, the other says so when it has its listener. */
        g_assert_true(child_hear(ready[0]));
        close(ready[0]);
}

PrivateBus *private_bus_start(void) {
        PrivateBus *bus = g_new0(PrivateBus, 1);

        directory_make(&bus->directory);
        bus->address = bus->directory.address;
        private_bus_return(bus);
        return bus;
}

pid_t private_bus_program(const PrivateBus *bus) {
        g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", bus->pid, bus->pid),
                        *text = NULL;

        if (!private_bus_is_broker())
                return bus->pid;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        return (pid_t) g_ascii_strtoll(text, NULL, 10);
}

void private_bus_leave(PrivateBus *bus) {
        child_kill(bus->pid);
        g_assert_cmpint(unlink(bus->address + strlen("unix:path=")), ==, 0);
}

void private_bus_stop(PrivateBus *bus) {
        child_kill(bus->pid);
        directory_remove(&bus->directory);
        g_free(bus);
}
