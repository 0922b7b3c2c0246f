/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "json.h"
#include "property.h"
#include "snapshot.h"

/* The values of properties, as they are shown. */

/* The value as text: bytes, "infinity" if unlimited, "[not set]" if unknown. The caller frees. */
char *value_format(const Property *property, const Snapshot *snapshot);

/* Writes the member: unlimited is null, unknown is left out. */
void value_write_json(const Property *property, const Snapshot *snapshot, Json *json);

/* The same two for a limit that is no property of the snapshot. */
char *value_format_limit(guint64 value);
void value_write_json_limit(const char *name, guint64 value, Json *json);

/* A measure that is no property of it. */
void value_write_json_measure(const char *name, guint64 value, Json *json);
