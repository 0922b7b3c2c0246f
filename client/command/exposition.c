/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exposition.h"

gboolean exposition_format_from_string(const char *text, ExpositionFormat *ret) {
        if (g_str_equal(text, "prometheus"))
                *ret = EXPOSITION_PROMETHEUS;
        else if (g_str_equal(text, "openmetrics"))
                *ret = EXPOSITION_OPENMETRICS;
        else
                return FALSE;

        return TRUE;
}

void exposition_append_label(GString *labels, const char *name, const char *value) {
        if (labels->len > 0)
                g_string_append_c(labels, ',');
        g_string_append_printf(labels, "%s=\"", name);
        for (const char *p = value; *p != '\0'; p++)
                if (*p == '\n')
                        g_string_append(labels, "\\n");
                else {
                        if (*p == '"' || *p == '\\')
                                g_string_append_c(labels, '\\');
                        g_string_append_c(labels, *p);
                }
        g_string_append_c(labels, '"');
}

/* What a counter's name ends with. In OpenMetrics only its samples have it, in the older format all lines.
 */
static const char *name_suffix(const ExpositionFamily *family) {
        return family->type == EXPOSITION_COUNTER ? "_total" : "";
}

void exposition_begin(const Exposition *exposition, const ExpositionFamily *family) {
        gboolean is_open = exposition->format == EXPOSITION_OPENMETRICS;
        const char *type = family->type == EXPOSITION_COUNTER ? "counter" : "gauge";
        const char *suffix = is_open ? "" : name_suffix(family);

        fprintf(exposition->stream, "# HELP %s%s %s\n", family->name, suffix, family->help);
        fprintf(exposition->stream, "# TYPE %s%s %s\n", family->name, suffix, type);
        if (is_open && family->unit)
                fprintf(exposition->stream, "# UNIT %s %s\n", family->name, family->unit);
}

void exposition_add_number(const Exposition *exposition,
                           const ExpositionFamily *family,
                           const char *labels,
                           guint64 value) {
        fprintf(exposition->stream,
                "%s%s{%s} %" G_GUINT64_FORMAT "\n",
                family->name,
                name_suffix(family),
                labels,
                value);
}

void exposition_add_usec(const Exposition *exposition,
                         const ExpositionFamily *family,
                         const char *labels,
                         guint64 usec) {
        fprintf(exposition->stream,
                "%s%s{%s} %" G_GUINT64_FORMAT ".%06" G_GUINT64_FORMAT "\n",
                family->name,
                name_suffix(family),
                labels,
                usec / G_USEC_PER_SEC,
                usec % G_USEC_PER_SEC);
}

void exposition_end(const Exposition *exposition) {
        if (exposition->format == EXPOSITION_OPENMETRICS)
                fputs("# EOF\n", exposition->stream);
}
