/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fnmatch.h>
#include <string.h>

#include "rows.h"

static gboolean passes(const Unit *unit, const char *filter) {
        return units_is_pattern(filter) ? fnmatch(filter, unit->name, FNM_NOESCAPE) == 0 :
                                          strstr(unit->name, filter) != NULL;
}

static void arrange_flat(const GPtrArray *units, const char *filter, GArray *rows) {
        for (guint i = 0; i < units->len; i++) {
                const Row row = { .unit = g_ptr_array_index(units, i) };

                if (passes(row.unit, filter))
                        g_array_append_val(rows, row);
        }
}

/* A unit and those right below it. */
typedef struct Node {
        const Unit *unit;
        GPtrArray *children; /* Node, in order */
        struct Node *parent;
        guint depth;
        gboolean is_shown; /* it passes, or one below it does */
} Node;

static void node_free(void *pointer) {
        Node *node = pointer;

        g_ptr_array_unref(node->children);
        g_free(node);
}

/* Cuts the last component off the path, and says whether there was one. */
static gboolean climb(char *path) {
        char *slash = strrchr(path, '/');

        if (!slash || path[1] == '\0')
                return FALSE;

        slash[slash == path ? 1 : 0] = '\0';
        return TRUE;
}

/* The nearest above that is a unit; NULL if none is. */
static Node *find_parent(GHashTable *nodes, const Unit *unit) {
        g_autofree char *path = g_strdup(unit->control_group);
        Node *parent = NULL;

        while (!parent && climb(path))
                parent = g_hash_table_lookup(nodes, path);
        return parent;
}

/* Puts nodes on a stack, the first on top. */
static void push(GPtrArray *stack, const GPtrArray *nodes, guint depth) {
        for (guint i = nodes->len; i > 0; i--) {
                Node *node = g_ptr_array_index(nodes, i - 1);

                node->depth = depth;
                g_ptr_array_add(stack, node);
        }
}

static void add_rows(const GPtrArray *tops, GArray *rows) {
        g_autoptr(GPtrArray) stack = g_ptr_array_new();

        push(stack, tops, 0);
        while (stack->len > 0) {
                const Node *node = g_ptr_array_steal_index(stack, stack->len - 1);
                const Row row = { node->unit, node->depth };

                if (!node->is_shown)
                        continue;
                g_array_append_val(rows, row);
                push(stack, node->children, node->depth + 1);
        }
}

static void arrange_tree(const GPtrArray *units, const char *filter, GArray *rows) {
        g_autoptr(GHashTable) nodes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, node_free);
        g_autoptr(GPtrArray) tops = g_ptr_array_new();

        for (guint i = 0; i < units->len; i++) {
                Node *node = g_new0(Node, 1);

                node->unit = g_ptr_array_index(units, i);
                node->children = g_ptr_array_new();
                g_hash_table_replace(nodes, node->unit->control_group, node);
        }
        for (guint i = 0; i < units->len; i++) {
                const Unit *unit = g_ptr_array_index(units, i);
                Node *node = g_hash_table_lookup(nodes, unit->control_group);

                if (node->unit != unit)
                        continue;
                node->parent = find_parent(nodes, unit);
                g_ptr_array_add(node->parent ? node->parent->children : tops, node);
        }
        for (guint i = 0; i < units->len; i++) {
                const Unit *unit = g_ptr_array_index(units, i);

                if (!passes(unit, filter))
                        continue;
                for (Node *node = g_hash_table_lookup(nodes, unit->control_group); node; node = node->parent)
                        node->is_shown = TRUE;
        }

        add_rows(tops, rows);
}

GArray *rows_arrange(GPtrArray *units, const Arrangement *arrangement) {
        GArray *rows = g_array_sized_new(FALSE, FALSE, sizeof(Row), units->len);

        units_sort(units, &arrangement->order);
        if (arrangement->is_tree)
                arrange_tree(units, arrangement->filter, rows);
        else
                arrange_flat(units, arrangement->filter, rows);
        return rows;
}
