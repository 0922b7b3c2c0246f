/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client.h"

#include <fcntl.h>
#include <glib.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "names.h"

static sd_bus *client_new(void) {
        sd_bus *bus = NULL;

        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(bus, true), >=, 0);
        g_assert_cmpint(sd_bus_set_method_call_timeout(bus, CLIENT_TIMEOUT_USEC), >=, 0);
        return bus;
}

sd_bus *client_try(const char *address) {
        sd_bus *bus = client_new();

        g_assert_cmpint(sd_bus_set_address(bus, address), >=, 0);
        return sd_bus_start(bus) >= 0 ? bus : sd_bus_unref(bus);
}

sd_bus *client_open(const char *address) {
        sd_bus *bus = client_try(address);

        g_assert_nonnull(bus);
        return bus;
}

int client_connect(const char *address) {
        struct sockaddr_un socket_address = { .sun_family = AF_UNIX };
        const char *path = address + strlen("unix:path=");
        int fd;

        g_assert_true(g_str_has_prefix(address, "unix:path="));
        g_assert_cmpuint(g_strlcpy(socket_address.sun_path, path, sizeof(socket_address.sun_path)),
                         <,
                         sizeof(socket_address.sun_path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(connect(fd, (struct sockaddr *) &socket_address, sizeof(socket_address)), ==, 0);
        return fd;
}

sd_bus *client_adopt(int fd) {
        sd_bus *bus = client_new();

        g_assert_cmpint(fcntl(fd, F_SETFL, O_NONBLOCK), ==, 0);
        g_assert_cmpint(sd_bus_set_fd(bus, fd, fd), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        return bus;
}

const char *client_name(sd_bus *bus) {
        const char *name;

        g_assert_cmpint(sd_bus_get_unique_name(bus, &name), >=, 0);
        return name;
}

const char *client_find_owner(sd_bus *bus) {
        sd_bus_message *reply = NULL;
        const char *owner;
        int r;

        r = sd_bus_call_method(bus,
                               "org.freedesktop.DBus",
                               "/org/freedesktop/DBus",
                               "org.freedesktop.DBus",
                               "GetNameOwner",
                               NULL,
                               &reply,
                               "s",
                               MYMEM_BUS_NAME);
        if (r < 0)
                return NULL;
        g_assert_cmpint(sd_bus_message_read(reply, "s", &owner), >, 0);
        owner = g_intern_string(owner);
        sd_bus_message_unref(reply);
        return owner;
}

const char *client_owner(sd_bus *bus) {
        const char *owner = client_find_owner(bus);

        g_assert_nonnull(owner);
        return owner;
}

/* Takes the error's name out of 'error', having seen to it that it comes with a sentence for people. */
static const char *take_name(sd_bus_error *error, int r, const char *member) {
        const char *name;

        if (r >= 0)
                return NULL;
        if (!sd_bus_error_is_set(error))
                (void) sd_bus_error_set_errno(error, r);

        g_test_message("%s: %s: %s", member, error->name, error->message);
        if (g_str_has_prefix(error->name, MYMEM_BUS_NAME)) {
                g_assert_nonnull(error->message);
                g_assert_true(g_str_has_suffix(error->message, "."));
        }

        name = g_intern_string(error->name);
        sd_bus_error_free(error);
        return name;
}

static const char *callv(sd_bus *bus,
                         sd_bus_message **ret,
                         const char *path,
                         const char *interface,
                         const char *member,
                         const char *types,
                         va_list arguments) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r;

        r = sd_bus_call_methodv(bus, MYMEM_BUS_NAME, path, interface, member, &error, ret, types, arguments);
        return take_name(&error, r, member);
}

const char *client_call(sd_bus *bus,
                        sd_bus_message **ret,
                        const char *path,
                        const char *interface,
                        const char *member,
                        const char *types,
                        ...) {
        const char *name;
        va_list arguments;

        va_start(arguments, types);
        name = callv(bus, ret, path, interface, member, types, arguments);
        va_end(arguments);
        return name;
}

const char *client_figures(sd_bus *bus, Figures *ret, const char *member, const char *types, ...) {
        sd_bus_message *reply = NULL;
        const char *name;
        va_list arguments;

        va_start(arguments, types);
        name = callv(bus, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, member, types, arguments);
        va_end(arguments);
        if (name)
                return name;

        g_assert_cmpstr(sd_bus_message_get_signature(reply, true), ==, "ttt");
        g_assert_cmpint(
                sd_bus_message_read(reply, "ttt", &ret->limit, &ret->usage, &ret->working_set), >, 0);
        sd_bus_message_unref(reply);
        return NULL;
}

const char *client_unit(sd_bus *bus,
                        const char **ret_unit,
                        const char **ret_path,
                        const char *member,
                        const char *types,
                        ...) {
        const char *name, *unit, *path;
        sd_bus_message *reply = NULL;
        va_list arguments;

        va_start(arguments, types);
        name = callv(bus, &reply, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, member, types, arguments);
        va_end(arguments);
        if (name)
                return name;

        g_assert_cmpstr(sd_bus_message_get_signature(reply, true), ==, "so");
        g_assert_cmpint(sd_bus_message_read(reply, "so", &unit, &path), >, 0);
        *ret_unit = g_intern_string(unit);
        *ret_path = g_intern_string(path);
        sd_bus_message_unref(reply);
        return NULL;
}

void client_begin(sd_bus *bus, sd_bus_slot **slot, sd_bus_message_handler_t handler, void *userdata) {
        g_assert_cmpint(sd_bus_call_method_async(bus,
                                                 slot,
                                                 MYMEM_BUS_NAME,
                                                 MYMEM_MANAGER_PATH,
                                                 MYMEM_MANAGER_INTERFACE,
                                                 "GetMemory",
                                                 handler,
                                                 userdata,
                                                 NULL),
                        >=,
                        0);
}

const char *client_get(sd_bus *bus, const char *path, const char *interface, const char *property) {
        return client_call(
                bus, NULL, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, property);
}

const char *client_ping(sd_bus *bus) {
        return client_call(bus, NULL, MYMEM_MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL);
}

char *client_object(const char *control_group) {
        g_auto(GStrv) components = g_strsplit(control_group, "/", -1);
        char *object = g_strdup(MYMEM_UNIT_PATH);

        for (size_t i = 0; components[i]; i++) {
                char *longer = NULL;

                if (*components[i] == '\0')
                        continue;
                g_assert_cmpint(sd_bus_path_encode(object, components[i], &longer), >=, 0);
                g_free(object);
                object = longer;
        }
        return object;
}
