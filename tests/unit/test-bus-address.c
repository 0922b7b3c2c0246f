/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bus-address.h"
#include "check.h"

/* Somebody listens at a path with a blank in it, and at an abstract name. */
typedef struct Places {
        char *directory, *path, *name;
        int fds[2];
} Places;

/* A path, or an abstract name, which stands behind a NUL byte. */
static int listen_at(const char *place, bool is_abstract) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        size_t n = strlen(place);

        g_assert_cmpint(fd, >=, 0);
        memcpy(address.sun_path + is_abstract, place, n);
        g_assert_cmpint(bind(fd,
                             (struct sockaddr *) &address,
                             (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n + 1)),
                        ==,
                        0);
        g_assert_cmpint(listen(fd, 64), ==, 0);
        return fd;
}

static void set_up(Places *places, const void *data) {
        (void) data;

        places->directory = g_dir_make_tmp("mymem-XXXXXX", NULL);
        g_assert_nonnull(places->directory);
        places->path = g_strconcat(places->directory, "/a bus", NULL);
        places->name = g_strdup_printf("mymem-test-%d", (int) getpid());
        places->fds[0] = listen_at(places->path, false);
        places->fds[1] = listen_at(places->name, true);
}

static void tear_down(Places *places, const void *data) {
        (void) data;

        for (size_t i = 0; i < G_N_ELEMENTS(places->fds); i++)
                close(places->fds[i]);
        g_assert_cmpint(g_unlink(places->path), ==, 0);
        g_assert_cmpint(g_rmdir(places->directory), ==, 0);
        g_free(places->directory);
        g_free(places->path);
        g_free(places->name);
}

/* Returns 0 or an error, and sees that it is the right one who has listened. */
static int try(const Places *places, const char *address, int wanted) {
        int fd, other_fd, r = 0;

        fd = bus_address_connect(address);
        if (fd < 0)
                return fd;

        other_fd = accept4(places->fds[wanted], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (other_fd < 0)
                r = -ENOTCONN;
        else
                close(other_fd);
        close(fd);
        return r;
}

static void test_addresses(Places *places, const void *data) {
        g_autofree char *long_path = g_strnfill(200, 'a'),
                        *long_address = g_strconcat("unix:path=", long_path, NULL);
        const struct {
                const char *format; /* %s is the directory, %n the abstract name */
                int r, place;
        } cases[] = {
                { "unix:path=%s/a%20bus", 0, 0 },
                { "unix:path=%s/%61%20%62us", 0, 0 },
                { "unix:path=%s/a bus", 0, 0 },
                { "unix:path=%s/a%20bus,guid=0123456789abcdef0123456789abcdef", 0, 0 },
                { "unix:guid=0123456789abcdef0123456789abcdef,path=%s/a%20bus", 0, 0 },
                { "unix:abstract=%n", 0, 1 },
                { "unix:path=%s/none;unix:path=%s/a%20bus", 0, 0 },
                { "tcp:host=localhost,port=1;unix:abstract=%n", 0, 1 },
                { "unix:path=%s/a%20bus;unix:abstract=%n", 0, 0 },
                { "unix:path=%s/none", -ENOENT, 0 },
                { "unix:path=%s", -ECONNREFUSED, 0 },
                { "unix:abstract=%n-none", -ECONNREFUSED, 0 },
                { "unix:runtime=yes;unix:abstract=%n", 0, 1 },
                { "unix:path=%s/none;unix:", -ENOENT, 0 },
                { "", -EINVAL, 0 },
                { ";", -EINVAL, 0 },
                { "%s/a bus", -EINVAL, 0 },
                { "unix", -EINVAL, 0 },
                { "unix:", -EINVAL, 0 },
                { "unix:path", -EINVAL, 0 },
                { "unix:path=", -EINVAL, 0 },
                { "unix:abstract=", -EINVAL, 0 },
                { "unix:guid=1", -EINVAL, 0 },
                { "unix:path=%s/a%20bus,", -EINVAL, 0 },
                { "unix:path=%s/a%2", -EINVAL, 0 },
                { "unix:path=%s/a%00bus", -EINVAL, 0 },
                { "unix:path=%s/a%20bus,path=%s/a%20bus", -EINVAL, 0 },
                { "unix:path=%s/a%20bus,abstract=%n", -EINVAL, 0 },
                { "tcp:host=localhost,port=1", -EINVAL, 0 },
                { "unixexec:path=/bin/true", -EINVAL, 0 },
        };

        (void) data;
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(GString) address = g_string_new(cases[i].format);

                g_string_replace(address, "%s", places->directory, 0);
                g_string_replace(address, "%n", places->name, 0);
                check_number(cases[i].format, try(places, address->str, cases[i].place), cases[i].r);
        }

        g_assert_cmpint(bus_address_connect(long_address), ==, -EINVAL);
}

/* The system bus is where the environment says. */
static void test_system(Places *places, const void *data) {
        g_autofree char *address = g_strdup_printf("unix:abstract=%s", places->name);

        (void) data;
        g_assert_true(g_setenv("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE));
        check_number(address, try(places, NULL, 1), 0);
        g_assert_true(g_setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE));
        check_number("nowhere", try(places, NULL, 1), -ENOENT);
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        g_test_add("/bus-address/addresses", Places, NULL, set_up, test_addresses, tear_down);
        g_test_add("/bus-address/system", Places, NULL, set_up, test_system, tear_down);
        return g_test_run();
}
