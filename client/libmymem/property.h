/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

/* The properties of the interface org.mymem1.Unit, by name: which they are, and where a snapshot holds them.
 */

typedef enum PropertyKind {
        PROPERTY_TEXT,
        PROPERTY_LIMIT,
        PROPERTY_MEASURE,
        PROPERTY_FLAG,
        PROPERTY_PRESSURE,
} PropertyKind;

typedef struct Property {
        char name[16]; /* as on the bus; a pointer would have to be relocated whenever a program starts */
        PropertyKind kind;
        uint32_t offset; /* in Snapshot */
} Property;

extern const Property properties[];
extern const size_t n_properties;

/* NULL if there is none of that name. */
const Property *property_find(const char *name);

/* Makes a snapshot of which nothing is known; NULL without memory. */
Snapshot *property_new_snapshot(void);
