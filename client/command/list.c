/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cleanup.h"
#include "command-line.h"
#include "display.h"
#include "exit-code.h"
#include "units-table.h"
#include "value.h"
#include "verbs.h"

/* The verb `list`: all units, one a line. */

/* The first that is a PID or a control group, as targets elsewhere may be; NULL if there is none. */
static const char *find_wrong_word(char **words) {
        for (char **word = words; word && *word; word++)
                if (**word == '/' || (**word != '\0' && (*word)[strspn(*word, "0123456789")] == '\0'))
                        return *word;

        return NULL;
}

static void write_unit(const Unit *unit, Json *json) {
        _cleanup_free_ char *shown = display_text(unit->control_group);

        json_open_object(json, NULL);
        json_add_string(json, "Unit", unit->name);
        json_add_string(json, "ControlGroup", shown ? shown : "");
        value_write_json_measure("Usage", unit->usage, json);
        value_write_json_measure("WorkingSet", unit->working_set, json);
        value_write_json_limit("Limit", unit->limit, json);
        value_write_json_measure("Available", unit->available, json);
        json_close_object(json);
}

static void print_json(const Options *options, const GPtrArray *units) {
        Json json = json_new(options->json);

        json_open_array(&json, NULL);
        for (guint i = 0; i < units->len; i++)
                write_unit(g_ptr_array_index(units, i), &json);
        json_close_array(&json);
        json_print(&json, TRUE);
}

int list(const Options *options, char **words) {
        const char *wrong = units_find_wrong_type(options->types), *wrong_word = find_wrong_word(words);
        g_autoptr(GPtrArray) units = NULL;
        g_autofree char *message = NULL;
        UnitsOrder order = { .reverse = options->reverse };
        int r;

        if (!units_order_find(options->sort, &order)) {
                command_line_complain("sort", UNITS_ORDERS, options->sort);
                return EXIT_CODE_USAGE;
        }

        if (wrong) {
                command_line_complain("type", UNITS_TYPES, wrong);
                return EXIT_CODE_USAGE;
        }

        if (wrong_word) {
                g_printerr("mymem: 'list' takes names and patterns of units, not '%s'.\n", wrong_word);
                return EXIT_CODE_USAGE;
        }

        r = units_find(options, &units, &message);
        if (r < 0) {
                g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
                return exit_code_from_error(r);
        }
        units_filter(options, words, units);
        units_sort(units, &order);

        if (options->json != JSON_OFF)
                print_json(options, units);
        else
                units_print(options, units);
        return EXIT_CODE_OK;
}
