/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "display.h"
#include "exit-code.h"
#include "size-text.h"
#include "size.h"
#include "table.h"
#include "unit-name.h"
#include "units.h"
#include "value.h"
#include "verbs.h"

/* The verb `list`: all units, one a line. */

typedef int (*Compare)(const Unit *a, const Unit *b);

static int compare_numbers(guint64 a, guint64 b) {
        return a < b ? -1 : a > b;
}

/* What is not known is less than everything that is. */
static int compare_measures(guint64 a, guint64 b) {
        return compare_numbers(a + 1, b + 1);
}

static int compare_names(const Unit *a, const Unit *b) {
        int r = strcmp(a->name, b->name);

        return r != 0 ? r : strcmp(a->control_group, b->control_group);
}

/* The largest first. */
static int compare_usages(const Unit *a, const Unit *b) {
        return compare_measures(b->usage, a->usage);
}

static int compare_working_sets(const Unit *a, const Unit *b) {
        return compare_measures(b->working_set, a->working_set);
}

static int compare_limits(const Unit *a, const Unit *b) {
        return compare_numbers(b->limit, a->limit);
}

static int compare_available(const Unit *a, const Unit *b) {
        return compare_measures(b->available, a->available);
}

/* How much of the limit the working set is, in thousandths; SIZE_UNKNOWN if that is not known. */
static guint64 share(const Unit *unit) {
        if (unit->working_set == SIZE_UNKNOWN)
                return SIZE_UNKNOWN;
        if (unit->limit == 0)
                return 1000;

        return (guint64) ((long double) unit->working_set / (long double) unit->limit * 1000);
}

static int compare_shares(const Unit *a, const Unit *b) {
        return compare_measures(share(b), share(a));
}

static const struct {
        const char *name;
        Compare compare;
} orders[] = {
        { "name", compare_names },
        { "usage", compare_usages },
        { "working-set", compare_working_sets },
        { "limit", compare_limits },
        { "available", compare_available },
        { "percent", compare_shares },
};

/* NULL if there is no such order. */
static Compare find_order(const char *name) {
        for (size_t i = 0; i < G_N_ELEMENTS(orders); i++)
                if (!name || g_str_equal(name, orders[i].name))
                        return orders[i].compare;
        return NULL;
}

typedef struct Order {
        Compare compare;
        gboolean reverse;
} Order;

static int compare_pointers(const void *a, const void *b, void *userdata) {
        const Unit *first = *(const Unit *const *) a, *second = *(const Unit *const *) b;
        const Order *order = userdata;
        int r;

        r = order->compare(first, second);
        if (r == 0)
                r = compare_names(first, second);
        return order->reverse ? -r : r;
}

/* The first that no unit has as its suffix; NULL if there is none. */
static const char *find_wrong_type(char **types) {
        for (char **type = types; type && *type; type++) {
                g_autofree char *name = g_strconcat("name.", *type, NULL);

                if (strchr(*type, '.') || !unit_name_is_valid(name, strlen(name)))
                        return *type;
        }

        return NULL;
}

/* The first that is a PID or a control group, as targets elsewhere may be; NULL if there is none. */
static const char *find_wrong_word(char **words) {
        for (char **word = words; word && *word; word++)
                if (**word == '/' || (**word != '\0' && (*word)[strspn(*word, "0123456789")] == '\0'))
                        return *word;

        return NULL;
}

static gboolean is_of_type(const Unit *unit, char **types) {
        const char *suffix = strrchr(unit->name, '.');

        return !types || (suffix && g_strv_contains((const char *const *) types, suffix + 1));
}

static gboolean matches(const Unit *unit, char **patterns) {
        if (!patterns || !patterns[0])
                return TRUE;

        for (char **pattern = patterns; *pattern; pattern++) {
                g_autofree char *full = NULL;

                if (fnmatch(*pattern, unit->name, FNM_NOESCAPE) == 0)
                        return TRUE;
                full = units_is_pattern(*pattern) ? NULL : g_strconcat(*pattern, ".service", NULL);
                if (full && g_str_equal(full, unit->name))
                        return TRUE;
        }

        return FALSE;
}

/* Whether our own user manager runs it. */
static gboolean is_own(const Unit *unit) {
        g_autofree char *manager = g_strdup_printf("/user@%u.service/", (unsigned) getuid());

        return strstr(unit->control_group, manager) != NULL;
}

static void filter(const Options *options, char **patterns, GPtrArray *units) {
        for (guint i = units->len; i > 0; i--) {
                const Unit *unit = g_ptr_array_index(units, i - 1);

                if (!is_of_type(unit, options->types) || !matches(unit, patterns) ||
                    (options->user && !is_own(unit)))
                        g_ptr_array_remove_index(units, i - 1);
        }
}

static char *format_share(const Unit *unit) {
        guint64 thousandths = share(unit);

        return thousandths == SIZE_UNKNOWN ?
                g_strdup("-") :
                g_strdup_printf(
                        "%" G_GUINT64_FORMAT ".%u%%", thousandths / 10, (unsigned) (thousandths % 10));
}

static void print_units(const Options *options, const GPtrArray *units) {
        static const char *const titles[] = { "UNIT",      "USAGE",    "WORKING SET", "LIMIT",
                                              "AVAILABLE", "WS/LIMIT", NULL };
        g_autoptr(Table) table = table_new(titles, 0);

        for (guint i = 0; i < units->len; i++) {
                const Unit *unit = g_ptr_array_index(units, i);
                char *cells[] = { g_strdup(unit->name),
                                  size_text_format_measure(unit->usage, options->bytes),
                                  size_text_format_measure(unit->working_set, options->bytes),
                                  size_text_format(unit->limit, options->bytes),
                                  size_text_format_measure(unit->available, options->bytes),
                                  format_share(unit),
                                  NULL };

                table_add(table, g_memdup2(cells, sizeof(cells)), NULL);
        }
        table_print(table, !options->no_legend);
        if (!options->no_legend)
                printf("\n%u unit%s listed.\n", units->len, units->len == 1 ? "" : "s");
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
        Order order = { find_order(options->sort), options->reverse };
        const char *wrong = find_wrong_type(options->types), *wrong_word = find_wrong_word(words);
        g_autoptr(GPtrArray) units = NULL;
        g_autofree char *message = NULL;
        int r;

        if (!order.compare) {
                g_printerr("mymem: --sort= takes name, usage, working-set, limit, available or percent, "
                           "not '%s'.\n",
                           options->sort);
                return EXIT_CODE_USAGE;
        }

        if (wrong) {
                g_printerr("mymem: --type= takes the type of a unit, as service or slice, not '%s'.\n",
                           wrong);
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
        filter(options, words, units);
        g_ptr_array_sort_with_data(units, compare_pointers, &order);

        if (options->json != JSON_OFF)
                print_json(options, units);
        else
                print_units(options, units);
        return EXIT_CODE_OK;
}
