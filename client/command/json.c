/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "json.h"

gboolean json_mode_from_string(const char *text, JsonMode *ret) {
        if (g_str_equal(text, "off"))
                *ret = JSON_OFF;
        else if (g_str_equal(text, "short"))
                *ret = JSON_SHORT;
        else if (g_str_equal(text, "pretty"))
                *ret = JSON_PRETTY;
        else
                return FALSE;

        return TRUE;
}

Json json_new(JsonMode mode) {
        return (Json) { .text = g_string_new(NULL), .mode = mode, .is_first = TRUE };
}

char *json_end(Json *json) {
        g_string_append_c(json->text, '\n');
        return g_string_free(g_steal_pointer(&json->text), FALSE);
}

static void add_line_break(Json *json) {
        if (json->mode != JSON_PRETTY)
                return;

        g_string_append_c(json->text, '\n');
        for (unsigned i = 0; i < json->depth; i++)
                g_string_append_c(json->text, '\t');
}

static void add_quoted(Json *json, const char *value) {
        g_string_append_c(json->text, '"');
        for (const char *p = value; *p != '\0'; p++)
                if (*p == '"' || *p == '\\')
                        g_string_append_printf(json->text, "\\%c", *p);
                else if ((unsigned char) *p < 0x20)
                        g_string_append_printf(json->text, "\\u%04x", (unsigned) *p);
                else
                        g_string_append_c(json->text, *p);
        g_string_append_c(json->text, '"');
}

/* Writes what stands before any value: the comma after the one before, and the name. */
static void begin_value(Json *json, const char *key) {
        if (!json->is_first)
                g_string_append_c(json->text, ',');
        if (json->depth > 0)
                add_line_break(json);
        json->is_first = FALSE;

        if (key) {
                add_quoted(json, key);
                g_string_append(json->text, json->mode == JSON_PRETTY ? " : " : ":");
        }
}

static void open_container(Json *json, const char *key, char bracket) {
        begin_value(json, key);
        g_string_append_c(json->text, bracket);
        json->depth++;
        json->is_first = TRUE;
}

static void close_container(Json *json, char bracket) {
        json->depth--;
        if (!json->is_first)
                add_line_break(json);
        g_string_append_c(json->text, bracket);
        json->is_first = FALSE;
}

void json_print(Json *json, gboolean wanted) {
        g_autofree char *text = json_end(json);

        if (wanted)
                fputs(text, stdout);
}

void json_open_object(Json *json, const char *key) {
        open_container(json, key, '{');
}

void json_close_object(Json *json) {
        close_container(json, '}');
}

void json_open_array(Json *json, const char *key) {
        open_container(json, key, '[');
}

void json_close_array(Json *json) {
        close_container(json, ']');
}

void json_add_string(Json *json, const char *key, const char *value) {
        begin_value(json, key);
        add_quoted(json, value);
}

void json_add_unsigned(Json *json, const char *key, guint64 value) {
        begin_value(json, key);
        g_string_append_printf(json->text, "%" G_GUINT64_FORMAT, value);
}

void json_add_decimal(Json *json, const char *key, double value) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];

        begin_value(json, key);
        g_string_append(json->text, g_ascii_formatd(buffer, sizeof(buffer), "%.2f", value));
}

void json_add_boolean(Json *json, const char *key, gboolean value) {
        begin_value(json, key);
        g_string_append(json->text, value ? "true" : "false");
}

void json_add_null(Json *json, const char *key) {
        begin_value(json, key);
        g_string_append(json->text, "null");
}
