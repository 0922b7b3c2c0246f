/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "json.h"

/* What a parser that is not ours makes of the text: the same in its own short spelling, in which all but
 * ASCII is escaped. NULL if it is no JSON. */
static char *parse(const char *json) {
        g_autofree char *file = NULL, *output = NULL, *complaint = NULL;
        g_autoptr(GError) error = NULL;
        const char *argv[] = { g_getenv("MYMEM_PYTHON"), "-m", "json.tool", "--compact", NULL, NULL };
        int fd, status;

        fd = g_file_open_tmp("mymem-json-XXXXXX", &file, &error);
        g_assert_no_error(error);
        g_close(fd, NULL);
        g_file_set_contents(file, json, -1, &error);
        g_assert_no_error(error);

        argv[4] = file;
        g_spawn_sync(NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &complaint, &status, &error);
        g_assert_no_error(error);
        (void) g_remove(file);
        if (!g_spawn_check_wait_status(status, NULL)) {
                g_test_message("%s", complaint);
                return NULL;
        }
        return g_steal_pointer(&output);
}

static void write_empty_object(Json *json) {
        json_open_object(json, NULL);
        json_close_object(json);
}

static void write_empty_array(Json *json) {
        json_open_array(json, NULL);
        json_close_array(json);
}

static void write_one(Json *json) {
        json_open_object(json, NULL);
        json_add_unsigned(json, "Limit", 1);
        json_close_object(json);
}

static void write_values(Json *json) {
        json_open_object(json, NULL);
        json_add_string(json, "Id", "web.service");
        json_add_string(json, "By", "");
        json_add_unsigned(json, "Zero", 0);
        json_add_unsigned(json, "Largest", UINT64_MAX);
        json_add_decimal(json, "Average", 1.5);
        json_add_decimal(json, "None", 0);
        json_add_decimal(json, "All", 100);
        json_add_boolean(json, "Yes", TRUE);
        json_add_boolean(json, "No", FALSE);
        json_add_null(json, "High");
        json_close_object(json);
}

static void write_nested(Json *json) {
        json_open_array(json, NULL);
        json_open_object(json, NULL);
        json_open_object(json, "Pressure");
        json_add_decimal(json, "avg10", 0.25);
        json_close_object(json);
        json_open_object(json, "Empty");
        json_close_object(json);
        json_open_array(json, "List");
        json_add_unsigned(json, NULL, 1);
        json_add_null(json, NULL);
        json_add_string(json, NULL, "x");
        json_add_boolean(json, NULL, TRUE);
        json_open_array(json, NULL);
        json_close_array(json);
        json_close_array(json);
        json_add_unsigned(json, "After", 2);
        json_close_object(json);
        json_open_object(json, NULL);
        json_close_object(json);
        json_add_unsigned(json, NULL, 3);
        json_close_array(json);
}

static void write_strings(Json *json) {
        json_open_object(json, NULL);
        json_add_string(json, "quoted \"key\" \\", "a\"b\\c/d");
        json_add_string(json, "controls", "\t\n\r\b\f\x01\x1f\x7f");
        json_add_string(json, "text", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xe2\x80\xa8");
        json_add_string(json, "shown", "/a\\xff");
        json_add_string(json, "%s%n", "%s%n");
        json_close_object(json);
}

static void write_scalar(Json *json) {
        json_add_unsigned(json, NULL, 42);
}

/* What is short is given as such; what the parser makes of it was written by hand after RFC 8259. */
static const struct {
        void (*write)(Json *json);
        const char *text;   /* in one line */
        const char *parsed; /* as the other parser writes it, NULL if in the same way */
} cases[] = {
        { write_empty_object, "{}\n", NULL },
        { write_empty_array, "[]\n", NULL },
        { write_one, "{\"Limit\":1}\n", NULL },
        { write_scalar, "42\n", NULL },
        { write_values,
          "{\"Id\":\"web.service\",\"By\":\"\",\"Zero\":0,\"Largest\":18446744073709551615,\"Average\":1.50,"
          "\"None\":0.00,\"All\":100.00,\"Yes\":true,\"No\":false,\"High\":null}\n",
          "{\"Id\":\"web.service\",\"By\":\"\",\"Zero\":0,\"Largest\":18446744073709551615,\"Average\":1.5,"
          "\"None\":0.0,\"All\":100.0,\"Yes\":true,\"No\":false,\"High\":null}\n" },
        { write_nested,
          "[{\"Pressure\":{\"avg10\":0.25},\"Empty\":{},\"List\":[1,null,\"x\",true,[]],"
          "\"After\":2},{},3]\n",
          NULL },
        { write_strings,
          "{\"quoted \\\"key\\\" \\\\\":\"a\\\"b\\\\c/d\","
          "\"controls\":\"\\u0009\\u000a\\u000d\\u0008\\u000c\\u0001\\u001f\x7f\","
          "\"text\":\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xe2\x80\xa8\",\"shown\":\"/a\\\\xff\","
          "\"%s%n\":\"%s%n\"}\n",
          "{\"quoted \\\"key\\\" \\\\\":\"a\\\"b\\\\c/d\","
          "\"controls\":\"\\t\\n\\r\\b\\f\\u0001\\u001f\\u007f\","
          "\"text\":\"\\u00e4 \\u20ac \\ud83d\\ude00 \\u2028\","
          "\"shown\":\"/a\\\\xff\",\"%s%n\":\"%s%n\"}\n" },
};

static char *write_in(JsonMode mode, void (*write)(Json *json)) {
        Json json = json_new(mode);

        write(&json);
        return json_end(&json);
}

static void test_short(void) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = write_in(JSON_SHORT, cases[i].write);

                check_text(cases[i].text, text, cases[i].text);
        }
}

static void test_parsed(void) {
        static const JsonMode modes[] = { JSON_SHORT, JSON_PRETTY };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                for (size_t j = 0; j < G_N_ELEMENTS(modes); j++) {
                        g_autofree char *text = write_in(modes[j], cases[i].write);
                        g_autofree char *parsed = parse(text);

                        check_text(text, parsed, cases[i].parsed ? cases[i].parsed : cases[i].text);
                }
}

/* For people: a line for each member, with a tab for each level. */
static void test_pretty(void) {
        static const struct {
                void (*write)(Json *json);
                const char *text;
        } pretty[] = {
                { write_empty_object, "{}\n" },
                { write_empty_array, "[]\n" },
                { write_one, "{\n\t\"Limit\" : 1\n}\n" },
                { write_nested,
                  "[\n\t{\n\t\t\"Pressure\" : {\n\t\t\t\"avg10\" : 0.25\n\t\t},\n\t\t\"Empty\" : {},\n"
                  "\t\t\"List\" : [\n\t\t\t1,\n\t\t\tnull,\n\t\t\t\"x\",\n\t\t\ttrue,\n\t\t\t[]\n\t\t],\n"
                  "\t\t\"After\" : 2\n\t},\n\t{},\n\t3\n]\n" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(pretty); i++) {
                g_autofree char *text = write_in(JSON_PRETTY, pretty[i].write);

                check_text(pretty[i].text, text, pretty[i].text);
        }
}

/* Every character that has to be escaped, and its neighbours. */
static void test_every_byte(void) {
        for (int byte = 1; byte < 0x80; byte++) {
                const char value[] = { (char) byte, '\0' };
                Json json = json_new(JSON_SHORT);
                g_autofree char *text = NULL;

                json_add_string(&json, NULL, value);
                text = json_end(&json);
                if (byte == '"' || byte == '\\') {
                        g_autofree char *wanted = g_strdup_printf("\"\\%c\"\n", byte);

                        check_text(value, text, wanted);
                } else {
                        g_autofree char *wanted =
                                g_strdup_printf(byte < 0x20 ? "\"\\u%04x\"\n" : "\"%c\"\n", (unsigned) byte);

                        check_text(value, text, wanted);
                }
        }
}

/* A comma for the decimal point is no JSON, whatever the locale thinks. */
static void test_decimal(void) {
        static const struct {
                double value;
                const char *text;
        } decimals[] = {
                { 0, "0.00\n" },
                { 0.01, "0.01\n" },
                { 99.99, "99.99\n" },
                { 100, "100.00\n" },
                { 0.004, "0.00\n" },
                { 0.006, "0.01\n" },
                { 1234567.25, "1234567.25\n" },
        };

        if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
                g_test_message(
                        "There is no locale with a comma here; the numbers are checked all the same.");
        for (size_t i = 0; i < G_N_ELEMENTS(decimals); i++) {
                Json json = json_new(JSON_SHORT);
                g_autofree char *text = NULL;

                json_add_decimal(&json, NULL, decimals[i].value);
                text = json_end(&json);
                check_text(decimals[i].text, text, decimals[i].text);
        }
        (void) setlocale(LC_NUMERIC, "C");
}

static void test_mode(void) {
        static const struct {
                const char *text;
                gboolean is_valid;
                JsonMode mode;
        } modes[] = {
                { "off", TRUE, JSON_OFF },       { "short", TRUE, JSON_SHORT },
                { "pretty", TRUE, JSON_PRETTY }, { "", FALSE, JSON_OFF },
                { "Short", FALSE, JSON_OFF },    { "shor", FALSE, JSON_OFF },
                { "short ", FALSE, JSON_OFF },   { "yes", FALSE, JSON_OFF },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
                JsonMode mode = (JsonMode) 77;

                check_number(modes[i].text, json_mode_from_string(modes[i].text, &mode), modes[i].is_valid);
                check_number(modes[i].text, (int) mode, modes[i].is_valid ? (int) modes[i].mode : 77);
        }
}

int main(int argc, char *argv[]) {
        g_test_init(&argc, &argv, NULL);
        if (!g_getenv("MYMEM_PYTHON")) {
                g_printerr("MYMEM_PYTHON must be set.\n");
                return EXIT_FAILURE;
        }
        g_test_add_func("/json/short", test_short);
        g_test_add_func("/json/parsed", test_parsed);
        g_test_add_func("/json/pretty", test_pretty);
        g_test_add_func("/json/every-byte", test_every_byte);
        g_test_add_func("/json/decimal", test_decimal);
        g_test_add_func("/json/mode", test_mode);
        return g_test_run();
}
