/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <string.h>

#include "cleanup.h"
#include "property.h"
#include "size.h"
#include "snapshot-properties.h"

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

Snapshot *property_new_snapshot(void) {
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;

        snapshot = calloc(1, sizeof(*snapshot));
        if (!snapshot)
                return NULL;

        for (size_t i = 0; i < n_properties; i++) {
                void *value = (char *) snapshot + properties[i].offset;

                if (properties[i].kind == PROPERTY_TEXT) {
                        *(char **) value = strdup("");
                        if (!*(char **) value)
                                return NULL;
                } else if (properties[i].kind == PROPERTY_PRESSURE)
                        ((PressureLine *) value)->total = SIZE_UNKNOWN;
                else if (properties[i].kind != PROPERTY_FLAG)
                        *(uint64_t *) value = SIZE_UNKNOWN;
        }

        return take_ptr(&snapshot);
}
