/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "value.h"
#include "size.h"

static const void *find_value(const Property *property, const Snapshot *snapshot) {
        return (const char *) snapshot + property->offset;
}

char *value_format_limit(guint64 value) {
        return value == SIZE_UNLIMITED ? g_strdup("infinity") : g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static char *format_measure(guint64 value) {
        return value == SIZE_UNKNOWN ? g_strdup("[not set]") : g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static char *format_pressure(const PressureLine *line) {
        char averages[3][G_ASCII_DTOSTR_BUF_SIZE];

        if (line->total == SIZE_UNKNOWN)
                return g_strdup("[not set]");

        return g_strdup_printf("avg10=%s avg60=%s avg300=%s total=%" G_GUINT64_FORMAT,
                               g_ascii_formatd(averages[0], sizeof(averages[0]), "%.2f", line->average10),
                               g_ascii_formatd(averages[1], sizeof(averages[1]), "%.2f", line->average60),
                               g_ascii_formatd(averages[2], sizeof(averages[2]), "%.2f", line->average300),
                               line->total);
}

char *value_format(const Property *property, const Snapshot *snapshot) {
        const void *value = find_value(property, snapshot);

        switch (property->kind) {
        case PROPERTY_TEXT:
                return g_strdup(*(char *const *) value);
        case PROPERTY_LIMIT:
                return value_format_limit(*(const uint64_t *) value);
        case PROPERTY_MEASURE:
                return format_measure(*(const uint64_t *) value);
        case PROPERTY_FLAG:
                return g_strdup(*(const int *) value ? "yes" : "no");
        case PROPERTY_PRESSURE:
                return format_pressure(value);
        default:
                g_assert_not_reached();
        }
}

void value_write_json_limit(const char *name, guint64 value, Json *json) {
        if (value == SIZE_UNLIMITED)
                json_add_null(json, name);
        else
                json_add_unsigned(json, name, value);
}

void value_write_json_measure(const char *name, guint64 value, Json *json) {
        if (value != SIZE_UNKNOWN)
                json_add_unsigned(json, name, value);
}

static void write_json_pressure(const char *name, const PressureLine *line, Json *json) {
        if (line->total == SIZE_UNKNOWN)
                return;

        json_open_object(json, name);
        json_add_decimal(json, "avg10", line->average10);
        json_add_decimal(json, "avg60", line->average60);
        json_add_decimal(json, "avg300", line->average300);
        json_add_unsigned(json, "total", line->total);
        json_close_object(json);
}

void value_write_json(const Property *property, const Snapshot *snapshot, Json *json) {
        const void *value = find_value(property, snapshot);

        switch (property->kind) {
        case PROPERTY_TEXT:
                json_add_string(json, property->name, *(char *const *) value);
                break;
        case PROPERTY_LIMIT:
                value_write_json_limit(property->name, *(const uint64_t *) value, json);
                break;
        case PROPERTY_MEASURE:
                value_write_json_measure(property->name, *(const uint64_t *) value, json);
                break;
        case PROPERTY_FLAG:
                json_add_boolean(json, property->name, *(const int *) value);
                break;
        case PROPERTY_PRESSURE:
                write_json_pressure(property->name, value, json);
                break;
        default:
                g_assert_not_reached();
        }
}
