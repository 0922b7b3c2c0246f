/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "answer.h"
#include "exit-code.h"
#include "property.h"
#include "show.h"

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
static char *format_value(const Answer *answer, const char *name) {
        const Property *property = property_find(name);

        if (property)
                return property_format(property, answer->snapshot);
        if (g_str_equal(name, SHOW_SOURCE))
                return g_strdup(answer_source_to_string(answer->source));
        if (!answer->has_rlimits)
                return NULL;

        return limit_format(g_str_equal(name, SHOW_LIMIT_AS) ? answer->rlimits.address_space :
                                                               answer->rlimits.data);
}

static void print_line(const Answer *answer, const char *name) {
        g_autofree char *value = format_value(answer, name);

        if (value)
                printf("%s=%s\n", name, value);
}

static void print_text(const ShowOptions *options, const Answer *answer) {
        if (options->properties) {
                for (char **name = options->properties; *name; name++) {
                        g_autofree char *value = format_value(answer, *name);

                        puts(value ? value : "[not set]");
                }
                return;
        }

        for (size_t i = 0; i < n_properties; i++)
                print_line(answer, properties[i].name);
        print_line(answer, SHOW_LIMIT_AS);
        print_line(answer, SHOW_LIMIT_DATA);
        print_line(answer, SHOW_SOURCE);
}

static void write_json(const ShowOptions *options, const Answer *answer, Json *json) {
        json_open_object(json, NULL);
        for (size_t i = 0; i < n_properties; i++)
                if (is_wanted(options, properties[i].name))
                        property_write_json(&properties[i], answer->snapshot, json);
        if (answer->has_rlimits && is_wanted(options, SHOW_LIMIT_AS))
                limit_write_json(SHOW_LIMIT_AS, answer->rlimits.address_space, json);
        if (answer->has_rlimits && is_wanted(options, SHOW_LIMIT_DATA))
                limit_write_json(SHOW_LIMIT_DATA, answer->rlimits.data, json);
        if (is_wanted(options, SHOW_SOURCE))
                json_add_string(json, SHOW_SOURCE, answer_source_to_string(answer->source));
        json_close_object(json);
}

/* Shows one target, the first that can be shown or a further one; returns an exit code. */
static int show_one(const ShowOptions *options, const char *argument, gboolean *is_first, Json *json) {
        g_autofree char *message = NULL;
        Answer answer = { 0 };
        Target target;
        int r;

        target = target_parse(argument);
        r = answer_get(&target, options->direct, options->sysroot, &answer, &message);
        if (r < 0)
                g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
        else if (options->json != JSON_OFF)
                write_json(options, &answer, json);
        else {
                if (!*is_first && !options->properties)
                        putchar('\n');
                print_text(options, &answer);
                *is_first = FALSE;
        }

        answer_done(&answer);
        target_done(&target);
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
