/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <string.h>

#include "property.h"
#include "snapshot-properties.h"
#include "snapshot.h"

#define PROPERTY(name, kind, member) { name, PROPERTY_##kind, offsetof(Snapshot, member) },

const Property properties[] = { SNAPSHOT_PROPERTIES(PROPERTY) };
const size_t n_properties = sizeof(properties) / sizeof(*properties);

const Property *property_find(const char *name) {
        assert(name);

        for (size_t i = 0; i < n_properties; i++)
                if (strcmp(properties[i].name, name) == 0)
                        return &properties[i];

        return NULL;
}
