/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <curses.h>

#include "screen.h"
#include "size-text.h"
#include "size.h"
#include "terminal.h"
#include "view.h"

/* Lines that are no units: three above, one below. */
#define HEAD_LINES 3
#define FOOT_LINES 1

#define NAME_WIDTH_MIN 12
#define BYTES_WIDTH 17 /* of a figure in bytes, up to a petabyte less one */
#define INDENT 2

/* Shares of the limit, in thousandths, from which on a unit is shown as close to it. */
#define CLOSE 750
#define VERY_CLOSE 900

/* The columns to the right of the name. What there is no room for is left out, the last of them first. */
typedef enum Column {
        COLUMN_WORKING_SET,
        COLUMN_SHARE,
        COLUMN_LIMIT,
        COLUMN_AVAILABLE,
        COLUMN_USAGE,
        COLUMN_TREND,
        _COLUMN_COUNT,
} Column;

static const struct {
        const char *title;
        const char *order; /* that it is sorted by */
        guint width;       /* with two spaces before */
        gboolean is_size;
} columns[] = {
        [COLUMN_WORKING_SET] = { "WORKING SET", "working-set", 13, TRUE },
        [COLUMN_SHARE] = { "WS/LIMIT", "percent", 10, FALSE },
        [COLUMN_LIMIT] = { "LIMIT", "limit", 9, TRUE },
        [COLUMN_AVAILABLE] = { "AVAILABLE", "available", 11, TRUE },
        [COLUMN_USAGE] = { "USAGE", "usage", 9, TRUE },
        [COLUMN_TREND] = { "TREND", "", HISTORY_MAX + 2, FALSE },
};

/* In which order they stand. */
static const Column places[] = { COLUMN_USAGE,     COLUMN_WORKING_SET, COLUMN_LIMIT,
                                 COLUMN_AVAILABLE, COLUMN_SHARE,       COLUMN_TREND };

/* Where there is hardly any room, the units come before what is said of the keys. */
static guint foot_lines(void) {
        return LINES > HEAD_LINES + 2 ? FOOT_LINES : 0;
}

guint view_rows(void) {
        return (guint) MAX(LINES - HEAD_LINES - (int) foot_lines(), 1);
}

/* Writes text, cut to the width. */
static void put_text(int line, int column, guint width, const char *text) {
        g_autofree char *fitted = terminal_fit(text, width);

        (void) mvaddstr(line, column, fitted);
}

/* The same, to the right. */
static void put_number(int line, int column, guint width, const char *text) {
        guint taken = MIN(width, terminal_columns(text));

        put_text(line, column + (int) (width - taken), width, text);
}

static guint width_of(const View *view, Column column) {
        return view->bytes && columns[column].is_size ? MAX(columns[column].width, BYTES_WIDTH) :
                                                        columns[column].width;
}

/* Which columns there is room for, a set of bits, and what is left for the name. */
static guint choose_columns(const View *view, guint *ret_name_width) {
        guint chosen = 0, width = (guint) COLS;

        for (guint i = 0; i < _COLUMN_COUNT; i++) {
                if (width < width_of(view, i) + NAME_WIDTH_MIN)
                        break;
                width -= width_of(view, i);
                chosen |= 1u << i;
        }

        *ret_name_width = width;
        return chosen;
}

static void draw_head(const View *view) {
        g_autoptr(GString) line = g_string_new(NULL);

        g_string_append_printf(line, "%u unit%s", view->n_units, view->n_units == 1 ? "" : "s");
        if (view->machine) {
                g_autofree char *limit = size_text_format(view->machine->total, view->bytes),
                                *available = size_text_format(view->machine->available, view->bytes);

                g_string_append_printf(line, ", machine %s, available %s", limit, available);
        }
        (void) attrset(A_BOLD);
        put_text(0, 0, (guint) COLS, line->str);
        (void) attrset(A_NORMAL);

        g_string_printf(line,
                        "by %s%s%s",
                        units_order_name(view->arrangement->order.by),
                        view->arrangement->order.reverse ? ", reversed" : "",
                        view->arrangement->is_tree ? ", as a tree" : "");
        if (view->is_typing || *view->arrangement->filter)
                g_string_append_printf(
                        line, ", filter: %s%s", view->arrangement->filter, view->is_typing ? "_" : "");
        if (view->message)
                g_string_append_printf(line, "   %s", view->message);
        else if (view->is_read_here)
                g_string_append(line, "   read here, the service does not answer");
        put_text(1, 0, (guint) COLS, line->str);
}

static void draw_titles(const View *view, guint chosen, guint name_width) {
        const char *order = units_order_name(view->arrangement->order.by);
        int column = (int) name_width;

        (void) attrset(A_REVERSE);
        (void) mvhline(HEAD_LINES - 1, 0, ' ', COLS);
        (void) attrset(A_REVERSE | (g_str_equal(order, "name") ? A_BOLD : 0));
        put_text(HEAD_LINES - 1, 0, name_width, "UNIT");
        for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
                Column place = places[i];

                if (!(chosen & 1u << place))
                        continue;
                (void) attrset(A_REVERSE | (g_str_equal(order, columns[place].order) ? A_BOLD : 0));
                put_number(HEAD_LINES - 1, column, width_of(view, place), columns[place].title);
                column += (int) width_of(view, place);
        }
        (void) attrset(A_NORMAL);
}

static char *format_cell(const View *view, const Unit *unit, Column column) {
        switch (column) {
        case COLUMN_USAGE:
                return size_text_format_measure(unit->usage, view->bytes);
        case COLUMN_WORKING_SET:
                return size_text_format_measure(unit->working_set, view->bytes);
        case COLUMN_LIMIT:
                return size_text_format(unit->limit, view->bytes);
        case COLUMN_AVAILABLE:
                return size_text_format_measure(unit->available, view->bytes);
        case COLUMN_SHARE:
                return units_format_share(unit);
        default:
                return histories_draw(view->histories, unit, terminal_is_utf8());
        }
}

/* How close it is to its limit. */
static attr_t find_colour(const Unit *unit) {
        guint64 share = units_share(unit);

        if (share == SIZE_UNKNOWN || share < CLOSE)
                return A_NORMAL;
        return (attr_t) COLOR_PAIR(share < VERY_CLOSE ? SCREEN_CLOSE : SCREEN_VERY_CLOSE);
}

static void draw_row(const View *view, guint i, int line, guint chosen, guint name_width) {
        const Row *row = &g_array_index(view->rows, Row, i);
        attr_t selection = i == view->selected ? A_REVERSE : A_NORMAL;
        guint indent = MIN(row->depth * INDENT, name_width / 2);
        int column = (int) name_width;

        (void) attrset(selection | find_colour(row->unit));
        (void) mvhline(line, 0, ' ', COLS);
        put_text(line, (int) indent, name_width - indent, row->unit->name);
        for (guint j = 0; j < G_N_ELEMENTS(places); j++) {
                g_autofree char *cell = NULL;

                if (!(chosen & 1u << places[j]))
                        continue;
                cell = format_cell(view, row->unit, places[j]);
                if (places[j] == COLUMN_TREND)
                        (void) attrset(selection | COLOR_PAIR(SCREEN_DIM));
                put_number(line, column, width_of(view, places[j]), cell);
                column += (int) width_of(view, places[j]);
        }
        (void) attrset(A_NORMAL);
}

/* What is needed most comes first. */
static void draw_foot(void) {
        static const char *const keys[] = {
                "h help", "q quit", "Enter explain", "s sort", "r reverse", "t tree", "/ filter", NULL,
        };
        g_autofree char *line = terminal_fit_parts(keys, (guint) MAX(COLS - 1, 0));

        (void) attrset(A_BOLD);
        (void) mvaddstr(LINES - 1, 0, line);
        (void) attrset(A_NORMAL);
}

void view_draw(const View *view) {
        guint room = view_rows(), name_width, chosen = choose_columns(view, &name_width), first;

        /* The selected one is in sight, in whole pages: what is not asked to move stays where it is. */
        first = view->selected / room * room;
        (void) erase();
        draw_head(view);
        draw_titles(view, chosen, name_width);
        for (guint i = 0; i < room && first + i < view->rows->len; i++)
                draw_row(view, first + i, HEAD_LINES + (int) i, chosen, name_width);
        if (foot_lines() > 0)
                draw_foot();
        (void) refresh();
}
