/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>

#include "table.h"
#include "terminal.h"

#define FIRST_MIN 12 /* columns that the first one keeps on any screen */

typedef struct Row {
        char **cells;
        char *mark;
} Row;

struct Table {
        const char *const *titles;
        guint n_columns;
        guint left;
        GPtrArray *rows;
};

static void row_free(void *pointer) {
        Row *row = pointer;

        g_strfreev(row->cells);
        g_free(row->mark);
        g_free(row);
}

Table *table_new(const char *const *titles, guint left) {
        Table *table = g_new0(Table, 1);

        table->titles = titles;
        table->n_columns = g_strv_length((char **) titles);
        table->left = left | 1;
        table->rows = g_ptr_array_new_with_free_func(row_free);
        return table;
}

void table_free(Table *table) {
        if (!table)
                return;

        g_ptr_array_unref(table->rows);
        g_free(table);
}

void table_add(Table *table, char **cells, const char *mark) {
        Row *row = g_new0(Row, 1);

        g_assert(g_strv_length(cells) == table->n_columns);

        row->cells = cells;
        row->mark = g_strdup(mark);
        g_ptr_array_add(table->rows, row);
}

/* What a mark and its arrow take behind a row. */
static guint mark_columns(const char *mark) {
        return (terminal_is_utf8() ? 3 : 4) + terminal_columns(mark);
}

static guint *measure(const Table *table, gboolean with_titles) {
        guint *widths = g_new0(guint, table->n_columns), total = 0, mark = 0, screen = terminal_line_width();

        for (guint i = 0; i < table->n_columns; i++)
                widths[i] = with_titles ? terminal_columns(table->titles[i]) : 0;
        for (guint j = 0; j < table->rows->len; j++) {
                const Row *row = g_ptr_array_index(table->rows, j);

                for (guint i = 0; i < table->n_columns; i++)
                        widths[i] = MAX(widths[i], terminal_columns(row->cells[i]));
                mark = MAX(mark, row->mark ? mark_columns(row->mark) : 0);
        }

        for (guint i = 1; i < table->n_columns; i++)
                total += widths[i] + 2;
        /* Where there is no room for it behind the rows, it stands below. */
        if (total + FIRST_MIN + mark > screen)
                mark = 0;
        widths[0] = MIN(widths[0], MAX(FIRST_MIN, screen > total + mark ? screen - total - mark : 0));
        return widths;
}

static void print_cell(const Table *table, guint column, const char *text, guint width) {
        g_autofree char *fitted = column == 0 ? terminal_fit(text, width) : g_strdup(text);
        guint padding = width - MIN(width, terminal_columns(fitted));

        if (column > 0)
                fputs("  ", stdout);
        if (!(table->left & 1u << column))
                printf("%*s", (int) padding, "");
        fputs(fitted, stdout);
        /* Nothing stands at the end of a line that cannot be seen. */
        if (table->left & 1u << column && column + 1 < table->n_columns)
                printf("%*s", (int) padding, "");
}

/* Behind the row, which is that wide, or below its end. */
static void print_mark(const char *mark, guint width) {
        gboolean is_below = width + mark_columns(mark) > terminal_line_width();
        guint columns = mark_columns(mark) - 1;
        const char *arrow = terminal_is_utf8() ? (is_below ? "↑" : "←") : is_below ? "^" : "<-";

        if (is_below)
                printf("\n%*s", (int) (width - MIN(width, columns)), "");
        else
                putchar(' ');
        printf("%s%s %s%s", terminal_colour(COLOUR_YELLOW), arrow, mark, terminal_colour(COLOUR_NORMAL));
}

void table_print(const Table *table, gboolean with_titles) {
        g_autofree guint *widths = measure(table, with_titles);
        guint width = widths[0];

        for (guint i = 1; i < table->n_columns; i++)
                width += widths[i] + 2;

        if (with_titles) {
                fputs(terminal_colour(COLOUR_BOLD), stdout);
                for (guint i = 0; i < table->n_columns; i++)
                        print_cell(table, i, table->titles[i], widths[i]);
                fputs(terminal_colour(COLOUR_NORMAL), stdout);
                putchar('\n');
        }
        for (guint j = 0; j < table->rows->len; j++) {
                const Row *row = g_ptr_array_index(table->rows, j);

                for (guint i = 0; i < table->n_columns; i++)
                        print_cell(table, i, row->cells[i], widths[i]);
                if (row->mark)
                        print_mark(row->mark, width);
                putchar('\n');
        }
}
