/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "argument.h"
#include "exit-code.h"
#include "inquiry.h"
#include "show.h"
#include "value.h"

/* What is shown besides the properties of the bus. */
#define SHOW_SOURCE "Source"
#define SHOW_LIMIT_AS "LimitAS"
#define SHOW_LIMIT_DATA "LimitDATA"

static gboolean is_wanted(const ShowOptions *options, const char *name) {
        return !options->properties || g_strv_contains((const char *const *) options->properties, name);
}

static gboolean is_known(const char *name) {
        return property_find(name) || g_str_equal(name, SHOW_SOURCE) || g_str_equal(name, SHOW_LIMIT_AS) ||
                g_str_equal(name, SHOW_LIMIT_DATA);
}

/* The value of a name that is_known(); NULL for a process's limits where the target is none. */
static char *format_value(const Inquiry *inquiry, const char *name) {
        const Property *property = property_find(name);

        if (property)
                return value_format(property, inquiry->answer.snapshot);
        if (g_str_equal(name, SHOW_SOURCE))
                return g_strdup(answer_source_to_string(inquiry->answer.source));
        if (!inquiry->has_rlimits)
                return NULL;

        return value_format_limit(g_str_equal(name, SHOW_LIMIT_AS) ? inquiry->rlimits.address_space :
                                                                     inquiry->rlimits.data);
}

static void print_line(const Inquiry *inquiry, const char *name) {
        g_autofree char *value = format_value(inquiry, name);

        if (value)
                printf("%s=%s\n", name, value);
}

static void print_text(const ShowOptions *options, const Inquiry *inquiry) {
        if (options->properties) {
                for (char **name = options->properties; *name; name++) {
                        g_autofree char *value = format_value(inquiry, *name);

                        puts(value ? value : "[not set]");
                }
                return;
        }

        for (size_t i = 0; i < n_properties; i++)
                print_line(inquiry, properties[i].name);
        print_line(inquiry, SHOW_LIMIT_AS);
        print_line(inquiry, SHOW_LIMIT_DATA);
        print_line(inquiry, SHOW_SOURCE);
}

static void write_json(const ShowOptions *options, const Inquiry *inquiry, Json *json) {
        json_open_object(json, NULL);
        for (size_t i = 0; i < n_properties; i++)
                if (is_wanted(options, properties[i].name))
                        value_write_json(&properties[i], inquiry->answer.snapshot, json);
        if (inquiry->has_rlimits && is_wanted(options, SHOW_LIMIT_AS))
                value_write_json_limit(SHOW_LIMIT_AS, inquiry->rlimits.address_space, json);
        if (inquiry->has_rlimits && is_wanted(options, SHOW_LIMIT_DATA))
                value_write_json_limit(SHOW_LIMIT_DATA, inquiry->rlimits.data, json);
        if (is_wanted(options, SHOW_SOURCE))
                json_add_string(json, SHOW_SOURCE, answer_source_to_string(inquiry->answer.source));
        json_close_object(json);
}

/* Shows one target, the first that can be shown or a further one; returns an exit code. */
static int show_one(const ShowOptions *options, const char *argument, gboolean *is_first, Json *json) {
        g_autofree char *message = NULL;
        Inquiry inquiry = { 0 };
        Argument parsed;
        int r;

        parsed = argument_parse(argument);
        r = inquiry_make(&parsed.target, options->direct, options->sysroot, &inquiry, &message);
        if (r < 0)
                g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
        else if (options->json != JSON_OFF)
                write_json(options, &inquiry, json);
        else {
                if (!*is_first && !options->properties)
                        putchar('\n');
                print_text(options, &inquiry);
                *is_first = FALSE;
        }

        inquiry_done(&inquiry);
        argument_done(&parsed);
        return r < 0 ? exit_code_from_error(r) : EXIT_CODE_OK;
}

int show(const ShowOptions *options, char **targets) {
        char *oneself[] = { NULL };
        size_t n = targets ? g_strv_length(targets) : 0;
        int exit_code = EXIT_CODE_OK;
        gboolean is_first = TRUE;
        Json json;

        for (char **name = options->properties; name && *name; name++)
                if (!is_known(*name)) {
                        g_printerr("mymem: There is no property '%s'; `mymem show` lists them.\n", *name);
                        return EXIT_CODE_USAGE;
                }
        if (options->sysroot && n == 0) {
                g_printerr("mymem: --sysroot= needs a target: a captured machine does not know who asks.\n");
                return EXIT_CODE_USAGE;
        }

        if (n == 0)
                targets = oneself;
        json = json_new(options->json);
        if (n > 1)
                json_open_array(&json, NULL);

        for (size_t i = 0; i < MAX(n, 1); i++) {
                int code = show_one(options, targets[i], &is_first, &json);

                if (exit_code == EXIT_CODE_OK)
                        exit_code = code;
        }

        if (n > 1)
                json_close_array(&json);
        if (options->json != JSON_OFF && (n > 1 || exit_code == EXIT_CODE_OK)) {
                g_autofree char *text = json_end(&json);

                fputs(text, stdout);
        } else
                g_string_free(json.text, TRUE);

        return exit_code;
}
