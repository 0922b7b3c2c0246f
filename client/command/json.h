/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A writer of JSON, RFC 8259: the only one here, so that all output is alike. */

typedef enum JsonMode {
        JSON_OFF,
        JSON_SHORT,  /* one line */
        JSON_PRETTY, /* indented by a tab, as systemd's tools do */
} JsonMode;

typedef struct Json {
        GString *text;
        JsonMode mode;
        unsigned depth;
        gboolean is_first; /* nothing stands in the innermost array or object yet */
} Json;

/* Reads the argument of --json=. FALSE if it is none of "pretty", "short", "off". */
gboolean json_mode_from_string(const char *text, JsonMode *ret);

Json json_new(JsonMode mode);

/* The text written, ended with a newline; for the caller to free. */
char *json_end(Json *json);

/* Prints it on stdout, or throws it away. */
void json_print(Json *json, gboolean wanted);

/* 'key' is the member's name inside an object, NULL inside an array and at the top. */
void json_open_object(Json *json, const char *key);
void json_close_object(Json *json);
void json_open_array(Json *json, const char *key);
void json_close_array(Json *json);
void json_add_string(Json *json, const char *key, const char *value); /* valid UTF-8 */
void json_add_unsigned(Json *json, const char *key, guint64 value);
void json_add_decimal(Json *json, const char *key, double value); /* with two decimals; finite */
void json_add_boolean(Json *json, const char *key, gboolean value);
void json_add_null(Json *json, const char *key);
