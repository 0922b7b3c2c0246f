/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json.h"
#include "snapshot.h"

/* The properties that are shown of a snapshot, by name. */

typedef enum PropertyKind {
        PROPERTY_TEXT,
        PROPERTY_LIMIT,
        PROPERTY_MEASURE,
        PROPERTY_FLAG,
        PROPERTY_PRESSURE,
} PropertyKind;

typedef struct Property {
        const char *name; /* as on the bus */
        PropertyKind kind;
        size_t offset; /* in Snapshot */
} Property;

extern const Property properties[];
extern const size_t n_properties;

/* NULL if there is none of that name. */
const Property *property_find(const char *name);

/* The value as text: bytes, "infinity" if unlimited, "[not set]" if unknown. The caller frees. */
char *property_format(const Property *property, const Snapshot *snapshot);

/* Writes the member: unlimited is null, unknown is left out. */
void property_write_json(const Property *property, const Snapshot *snapshot, Json *json);

/* The same two for a limit that is no property of the snapshot. */
char *limit_format(guint64 value);
void limit_write_json(const char *name, guint64 value, Json *json);
