/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdio.h>

/* A writer of what Prometheus reads: its text format, version 0.0.4, and OpenMetrics 1.0. Numbers are
 * written whole, as integers or with six decimals, in any locale. */

typedef enum ExpositionFormat {
        EXPOSITION_PROMETHEUS,
        EXPOSITION_OPENMETRICS,
} ExpositionFormat;

typedef enum ExpositionType {
        EXPOSITION_GAUGE,
        EXPOSITION_COUNTER,
} ExpositionType;

/* A metric: samples that differ in their labels only. */
typedef struct ExpositionFamily {
        const char *name; /* ends with the base unit, where there is one; of a counter without "_total" */
        ExpositionType type;
        const char *unit; /* the base unit, NULL for plain counts */
        const char *help; /* one sentence */
} ExpositionFamily;

typedef struct Exposition {
        FILE *stream;
        ExpositionFormat format;
} Exposition;

/* Reads the argument of --format=. FALSE if it is none of "prometheus", "openmetrics". */
gboolean exposition_format_from_string(const char *text, ExpositionFormat *ret);

/* Appends a label, and a comma if it is not the first. The value is UTF-8. */
void exposition_append_label(GString *labels, const char *name, const char *value);

/* Writes what stands before the samples of a family. */
void exposition_begin(const Exposition *exposition, const ExpositionFamily *family);

/* Writes one sample, with labels as they were appended. */
void exposition_add_number(const Exposition *exposition,
                           const ExpositionFamily *family,
                           const char *labels,
                           guint64 value);

/* The same of a time in µs; it is written in seconds. */
void exposition_add_usec(const Exposition *exposition,
                         const ExpositionFamily *family,
                         const char *labels,
                         guint64 usec);

/* Writes what stands at the end of all. */
void exposition_end(const Exposition *exposition);
