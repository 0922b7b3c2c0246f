/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bus-address.h"
#include "cleanup.h"

#define SYSTEM_BUS "unix:path=/run/dbus/system_bus_socket"
#define TRANSPORT "unix:"

/* What is set in the place of a key that may be there once. */
static int take_value(const char *text, char **ret) {
        if (*ret)
                return -EINVAL;

        *ret = g_uri_unescape_string(text, NULL);
        return *ret && **ret ? 0 : -EINVAL;
}

/* Reads the keys of one address; those that say nothing about where it is are passed over. */
static int parse_keys(const char *keys, char **ret_path, char **ret_name) {
        g_auto(GStrv) pairs = g_strsplit(keys, ",", -1);
        int r = 0;

        for (char **pair = pairs; r >= 0 && *pair; pair++)
                if (g_str_has_prefix(*pair, "path="))
                        r = take_value(*pair + strlen("path="), ret_path);
                else if (g_str_has_prefix(*pair, "abstract="))
                        r = take_value(*pair + strlen("abstract="), ret_name);
                else if (!strchr(*pair, '='))
                        r = -EINVAL;

        if (r >= 0 && !*ret_path == !*ret_name)
                r = -EINVAL;
        return r;
}

static int parse_socket(const char *keys, struct sockaddr_un *ret, socklen_t *ret_size) {
        g_autofree char *path = NULL, *name = NULL;
        size_t n;
        int r;

        r = parse_keys(keys, &path, &name);
        if (r < 0)
                return r;

        /* An abstract name stands behind a NUL byte, and a path before one. */
        n = strlen(path ? path : name);
        if (n >= sizeof(ret->sun_path))
                return -EINVAL;
        *ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
        memcpy(ret->sun_path + (path ? 0 : 1), path ? path : name, n);
        *ret_size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n + 1);
        return 0;
}

static int connect_socket(const struct sockaddr_un *socket_address, socklen_t size) {
        _cleanup_close_ int fd = -1;

        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *) socket_address, size) < 0)
                return -errno;

        return take_fd(&fd);
}

int bus_address_connect(const char *address) {
        g_auto(GStrv) addresses = NULL;
        int r = -EINVAL;

        if (!address)
                address = secure_getenv("DBUS_SYSTEM_BUS_ADDRESS");
        addresses = g_strsplit(address ? address : SYSTEM_BUS, ";", -1);

        for (char **one = addresses; *one; one++) {
                struct sockaddr_un socket_address;
                socklen_t size;
                int fd;

                if (!g_str_has_prefix(*one, TRANSPORT) ||
                    parse_socket(*one + strlen(TRANSPORT), &socket_address, &size) < 0)
                        continue;
                fd = connect_socket(&socket_address, size);
                if (fd >= 0)
                        return fd;
                r = fd;
        }

        return r;
}
