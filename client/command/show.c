/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "exit-code.h"
#include "property.h"
#include "target-list.h"
#include "value.h"
#include "verbs.h"

/* What is shown besides the properties of the bus. */
#define SHOW_SOURCE "Source"
#define SHOW_LIMIT_AS "LimitAS"
#define SHOW_LIMIT_DATA "LimitDATA"

/* The verb `show`: properties for scripts. */

static gboolean is_wanted(const Options *options, const char *name) {
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

static void print_text(const Options *options, const Inquiry *inquiry) {
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

static void write_json(const Options *options, const Inquiry *inquiry, Json *json) {
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

/* Where the output of one target after the other goes. */
typedef struct Output {
        Json json;
        guint n; /* how many were shown */
} Output;

static void show_one(const Options *options, const Inquiry *inquiry, void *userdata) {
        Output *output = userdata;

        if (options->json != JSON_OFF)
                write_json(options, inquiry, &output->json);
        else {
                if (output->n > 0 && !options->properties)
                        putchar('\n');
                print_text(options, inquiry);
        }
        output->n++;
}

/* Who wants no more than the service has a call for gets it sooner. */
static AskNeeds find_needs(const Options *options) {
        static const char *const memory[] = { "Limit", "Usage", "WorkingSet", SHOW_SOURCE, NULL };

        for (char **name = options->properties; name && *name; name++)
                if (!g_strv_contains(memory, *name))
                        return ASK_ALL;

        return options->properties ? ASK_MEMORY : ASK_ALL;
}

int show(const Options *options, char **words) {
        Output output = { .json = json_new(options->json) };
        TargetList list;
        int exit_code;

        for (char **name = options->properties; name && *name; name++)
                if (!is_known(*name)) {
                        g_printerr("mymem: There is no property '%s'; `mymem show` lists them.\n", *name);
                        return EXIT_CODE_USAGE;
                }
        exit_code = target_list_make(options, words, &list);
        if (exit_code != EXIT_CODE_OK)
                return exit_code;

        if (list.is_many)
                json_open_array(&output.json, NULL);
        exit_code = target_list_tell(options, &list, find_needs(options), show_one, &output);
        if (list.is_many)
                json_close_array(&output.json);
        json_print(&output.json, options->json != JSON_OFF && (list.is_many || output.n > 0));

        target_list_done(&list);
        return exit_code;
}
