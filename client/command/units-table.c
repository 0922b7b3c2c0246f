/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "size-text.h"
#include "size.h"
#include "table.h"
#include "unit-name.h"
#include "units-table.h"

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

guint64 units_share(const Unit *unit) {
        if (unit->working_set == SIZE_UNKNOWN)
                return SIZE_UNKNOWN;
        if (unit->limit == 0)
                return 1000;

        return (guint64) ((long double) unit->working_set / (long double) unit->limit * 1000);
}

static int compare_shares(const Unit *a, const Unit *b) {
        return compare_measures(units_share(b), units_share(a));
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

gboolean units_order_find(const char *name, UnitsOrder *ret) {
        for (guint i = 0; i < G_N_ELEMENTS(orders); i++)
                if (!name || g_str_equal(name, orders[i].name)) {
                        ret->by = i;
                        return TRUE;
                }

        return FALSE;
}

const char *units_order_name(guint by) {
        return by < G_N_ELEMENTS(orders) ? orders[by].name : NULL;
}

static int compare_pointers(const void *a, const void *b, void *userdata) {
        const Unit *first = *(const Unit *const *) a, *second = *(const Unit *const *) b;
        const UnitsOrder *order = userdata;
        int r;

        r = orders[order->by].compare(first, second);
        if (r == 0)
                r = compare_names(first, second);
        return order->reverse ? -r : r;
}

void units_sort(GPtrArray *units, const UnitsOrder *order) {
        g_ptr_array_sort_with_data(units, compare_pointers, (void *) order);
}

const char *units_find_wrong_type(char **types) {
        for (char **type = types; type && *type; type++) {
                g_autofree char *name = g_strconcat("name.", *type, NULL);

                if (strchr(*type, '.') || !unit_name_is_valid(name, strlen(name)))
                        return *type;
        }

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

void units_filter(const Options *options, char **patterns, GPtrArray *units) {
        for (guint i = units->len; i > 0; i--) {
                const Unit *unit = g_ptr_array_index(units, i - 1);

                if (!is_of_type(unit, options->types) || !matches(unit, patterns) ||
                    (options->user && !units_is_own(unit->control_group)))
                        g_ptr_array_remove_index(units, i - 1);
        }
}

char *units_format_share(const Unit *unit) {
        guint64 thousandths = units_share(unit);

        return thousandths == SIZE_UNKNOWN ?
                g_strdup("-") :
                g_strdup_printf(
                        "%" G_GUINT64_FORMAT ".%u%%", thousandths / 10, (unsigned) (thousandths % 10));
}

void units_print(const Options *options, const GPtrArray *units) {
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
                                  units_format_share(unit),
                                  NULL };

                table_add(table, g_memdup2(cells, sizeof(cells)), NULL);
        }
        table_print(table, !options->no_legend);
        if (!options->no_legend)
                printf("\n%u unit%s listed.\n", units->len, units->len == 1 ? "" : "s");
}
