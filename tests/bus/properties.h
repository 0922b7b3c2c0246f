/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

/* All properties of a unit's object, as one GetAll brought them. */

typedef struct Property {
        char type[8];
        uint64_t number;   /* of type t or b, and the total of a pressure */
        double average[3]; /* of a pressure */
        char *text;        /* of type s */
} Property;

/* Reads the properties of the Unit interface. Returns NULL and a table of Property by name, to be
 * unreferenced, or the name of the error. */
const char *properties_read(sd_bus *bus, GHashTable **ret, const char *path);

const Property *properties_get(GHashTable *properties, const char *name);
uint64_t properties_number(GHashTable *properties, const char *name);
const char *properties_text(GHashTable *properties, const char *name);
