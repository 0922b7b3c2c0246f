/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "properties.h"

#include <stdbool.h>
#include <string.h>

#include "client.h"
#include "names.h"

static void property_free(void *data) {
        Property *property = data;

        g_free(property->text);
        g_free(property);
}

static void read_value(sd_bus_message *message, Property *property) {
        const char *text;
        int boolean, r;

        if (g_str_equal(property->type, "t"))
                r = sd_bus_message_read(message, "t", &property->number);
        else if (g_str_equal(property->type, "b")) {
                r = sd_bus_message_read(message, "b", &boolean);
                property->number = (uint64_t) boolean;
        } else if (g_str_equal(property->type, "s")) {
                r = sd_bus_message_read(message, "s", &text);
                property->text = g_strdup(text);
        } else
                r = sd_bus_message_read(message,
                                        property->type,
                                        &property->average[0],
                                        &property->average[1],
                                        &property->average[2],
                                        &property->number);
        g_assert_cmpint(r, >, 0);
}

static void read_property(sd_bus_message *message, GHashTable *properties) {
        Property *property = g_new0(Property, 1);
        const char *name, *type;

        g_assert_cmpint(sd_bus_message_read(message, "s", &name), >, 0);
        g_assert_cmpint(sd_bus_message_peek_type(message, NULL, &type), >, 0);
        g_assert_cmpuint(g_strlcpy(property->type, type, sizeof(property->type)), <, sizeof(property->type));
        if (strlen(type) > 1)
                g_assert_cmpstr(type, ==, "(dddt)");

        g_assert_cmpint(sd_bus_message_enter_container(message, 'v', type), >, 0);
        read_value(message, property);
        g_assert_cmpint(sd_bus_message_exit_container(message), >, 0);
        g_assert_true(g_hash_table_insert(properties, g_strdup(name), property));
}

const char *properties_read(sd_bus *bus, GHashTable **ret, const char *path) {
        sd_bus_message *reply = NULL;
        GHashTable *properties;
        const char *error;

        error = client_call(
                bus, &reply, path, "org.freedesktop.DBus.Properties", "GetAll", "s", MYMEM_UNIT_INTERFACE);
        if (error)
                return error;

        properties = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, property_free);
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "{sv}"), >, 0);
        while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
                read_property(reply, properties);
                g_assert_cmpint(sd_bus_message_exit_container(reply), >, 0);
        }
        sd_bus_message_unref(reply);

        *ret = properties;
        return NULL;
}

const Property *properties_get(GHashTable *properties, const char *name) {
        const Property *property = g_hash_table_lookup(properties, name);

        if (!property)
                g_test_message("There is no property %s.", name);
        g_assert_nonnull(property);
        return property;
}

uint64_t properties_number(GHashTable *properties, const char *name) {
        return properties_get(properties, name)->number;
}

const char *properties_text(GHashTable *properties, const char *name) {
        const char *text = properties_get(properties, name)->text;

        g_assert_nonnull(text);
        return text;
}
