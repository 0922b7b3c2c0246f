/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <curses.h>

#include "keys.h"
#include "screen.h"
#include "verbs.h"
#include "view.h"

#define DELAY_MIN_USEC (G_USEC_PER_SEC / 10)
#define DELAY_MAX_USEC (60 * G_USEC_PER_SEC)

static void print_explanation(void *userdata) {
        Overview *overview = userdata;

        (void) explain(&overview->options, (char *[]) { overview->selected, NULL });
}

/* Goes to the next order, and from the last to the first. */
static void sort_by_next(Overview *overview) {
        guint *by = &overview->arrangement.order.by;

        *by = units_order_name(*by + 1) ? *by + 1 : 0;
        overview_arrange(overview);
}

static void sort_by_previous(Overview *overview) {
        guint *by = &overview->arrangement.order.by;

        if (*by == 0)
                while (units_order_name(*by + 1))
                        ++*by;
        else
                --*by;
        overview_arrange(overview);
}

static void change_delay(Overview *overview, guint64 delay_usec) {
        overview->options.delay_usec = CLAMP(delay_usec, DELAY_MIN_USEC, DELAY_MAX_USEC);
        overview->look_at_usec = g_get_monotonic_time() + (gint64) overview->options.delay_usec;
}

/* Types a letter of the filter. */
static void on_letter(Overview *overview, int key) {
        if (key == 27) {
                g_string_truncate(overview->filter, 0);
                overview->is_typing = FALSE;
        } else if (key == '\n' || key == '\r' || key == KEY_ENTER)
                overview->is_typing = FALSE;
        else if (key == KEY_BACKSPACE || key == 127 || key == '\b')
                g_string_truncate(overview->filter,
                                  overview->filter->len > 0 ? overview->filter->len - 1 : 0);
        else if (key >= ' ' && key < 127 && overview->filter->len < 255)
                g_string_append_c(overview->filter, (char) key);
        overview_arrange(overview);
}

static gboolean on_command(Overview *overview, int key) {
        guint page = view_rows();

        switch (key) {
        case 'q':
                return FALSE;
        case KEY_UP:
        case 'k':
                overview_select(overview, overview->row > 0 ? overview->row - 1 : 0);
                break;
        case KEY_DOWN:
        case 'j':
                overview_select(overview, overview->row + 1);
                break;
        case KEY_PPAGE:
                overview_select(overview, overview->row > page ? overview->row - page : 0);
                break;
        case KEY_NPAGE:
                overview_select(overview, overview->row + page);
                break;
        case KEY_HOME:
        case 'g':
                overview_select(overview, 0);
                break;
        case KEY_END:
        case 'G':
                overview_select(overview, overview->rows->len);
                break;
        case '\n':
        case '\r':
        case KEY_ENTER:
                if (overview->selected)
                        screen_lend(print_explanation, overview);
                break;
        case 's':
                sort_by_next(overview);
                break;
        case 'S':
                sort_by_previous(overview);
                break;
        case 'r':
                overview->arrangement.order.reverse = !overview->arrangement.order.reverse;
                overview_arrange(overview);
                break;
        case 't':
                overview->arrangement.is_tree = !overview->arrangement.is_tree;
                overview_arrange(overview);
                break;
        case '/':
                overview->is_typing = TRUE;
                break;
        case 27:
                g_string_truncate(overview->filter, 0);
                overview_arrange(overview);
                break;
        case 'b':
                overview->options.bytes = !overview->options.bytes;
                break;
        case ' ':
                overview->look_at_usec = 0;
                break;
        case '+':
                change_delay(overview, overview->options.delay_usec * 2);
                break;
        case '-':
                change_delay(overview, overview->options.delay_usec / 2);
                break;
        case 'h':
        case '?':
                screen_help();
                break;
        default:
                break;
        }

        return TRUE;
}

gboolean keys_press(Overview *overview, int key) {
        if (!overview->is_typing)
                return on_command(overview, key);

        on_letter(overview, key);
        return TRUE;
}
