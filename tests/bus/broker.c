/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker.h"

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "child.h"

/* The policy as dbus-broker takes it since version 28: may connect; rules for owning, sending and receiving,
 * each a verdict, a priority and what it matches, where nothing and 0 match everything. First for users
 * (UINT32_MAX is everybody else), then for groups and ranges of users; contexts of SELinux; whether AppArmor
 * counts; the bus's type. */
#define RULES "bta(btbs)a(btssssuutt)a(btssssuutt)"
#define POLICY "a(u(" RULES "))a(buu(" RULES "))a(ss)bs"

#define PRIORITY UINT64_C(1)

static void append_policy(sd_bus_message *message) {
        int r;

        r = sd_bus_message_append(message,
                                  "v",
                                  "(" POLICY ")",
                                  /* users: */ 1,
                                  UINT32_MAX,
                                  /* connect: */ true,
                                  PRIORITY,
                                  /* own: */ 1,
                                  true,
                                  PRIORITY,
                                  true,
                                  "",
                                  /* send: */ 1,
                                  true,
                                  PRIORITY,
                                  "",
                                  "",
                                  "",
                                  "",
                                  0,
                                  0,
                                  UINT64_C(0),
                                  UINT64_MAX,
                                  /* receive: */ 1,
                                  true,
                                  PRIORITY,
                                  "",
                                  "",
                                  "",
                                  "",
                                  0,
                                  0,
                                  UINT64_C(0),
                                  UINT64_MAX,
                                  /* groups and ranges: */ 0,
                                  /* SELinux: */ 0,
                                  /* AppArmor: */ false,
                                  "system");
        g_assert_cmpint(r, >=, 0);
}

static void run_broker(const char *program, int controller_fd) {
        g_autofree char *number = g_strdup_printf("%d", controller_fd);

        if (child_fork() > 0)
                return;

        (void) fcntl(controller_fd, F_SETFD, 0);
        /* What the launcher gives it; the defaults are too small for hundreds of connections of one user. */
        execl(program,
              program,
              "--controller",
              number,
              "--machine-id",
              "0123456789abcdef0123456789abcdef",
              "--max-bytes",
              "536870912",
              "--max-fds",
              "4096",
              "--max-matches",
              "131072",
              "--max-objects",
              "131072",
              NULL);
        _exit(EXIT_FAILURE);
}

static void add_listener(sd_bus *bus, int listen_fd) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                bus, &message, NULL, "/org/bus1/DBus/Broker", "org.bus1.DBus.Broker", "AddListener");
        g_assert_cmpint(r, >=, 0);
        r = sd_bus_message_append(message, "oh", "/org/bus1/DBus/Listener/0", listen_fd);
        g_assert_cmpint(r, >=, 0);
        append_policy(message);

        r = sd_bus_call(bus, message, CHILD_PATIENCE_SEC * G_USEC_PER_SEC, &error, NULL);
        g_assert_cmpstr(error.message, ==, NULL);
        g_assert_cmpint(r, >=, 0);
        sd_bus_message_unref(message);
}

void broker_control(const char *program, int listen_fd, int ready_fd) {
        sd_bus *bus = NULL;
        int pair[2];

        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
        run_broker(program, pair[1]);
        close(pair[1]);

        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_fd(bus, pair[0], pair[0]), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        add_listener(bus, listen_fd);
        close(listen_fd);
        child_tell(ready_fd);
        close(ready_fd);

        while (sd_bus_process(bus, NULL) >= 0 && sd_bus_wait(bus, UINT64_MAX) >= 0)
                ;
        _exit(EXIT_SUCCESS);
}
