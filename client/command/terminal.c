/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "size.h"
#include "terminal.h"

#define WIDTH_MIN 20
#define WIDTH_MAX 1000

/* $COLUMNS; FALSE if it is unset, empty or no number of columns. */
static gboolean columns_from_environment(unsigned *ret) {
        const char *variable = g_getenv("COLUMNS");
        guint64 columns;

        if (!variable || size_scan(&variable, &columns) < 0 || *variable != '\0' || columns == 0)
                return FALSE;

        *ret = (unsigned) CLAMP(columns, WIDTH_MIN, WIDTH_MAX);
        return TRUE;
}

static unsigned width_of(int fd) {
        struct winsize size;
        unsigned columns;

        if (columns_from_environment(&columns))
                return columns;
        if (ioctl(fd, TIOCGWINSZ, &size) >= 0 && size.ws_col > 0)
                return CLAMP(size.ws_col, WIDTH_MIN, WIDTH_MAX);

        return 80;
}

unsigned terminal_width(void) {
        return width_of(STDOUT_FILENO);
}

unsigned terminal_line_width_of(int fd) {
        unsigned columns;

        if (columns_from_environment(&columns) || isatty(fd))
                return width_of(fd);

        return WIDTH_MAX * 10;
}

unsigned terminal_line_width(void) {
        return terminal_line_width_of(STDOUT_FILENO);
}

gboolean terminal_is_utf8(void) {
        return g_get_charset(NULL);
}

static gboolean parse_boolean(const char *text, gboolean *ret) {
        static const char *const yes[] = { "1", "yes", "y", "true", "t", "on", "16", "256", "24bit", NULL };
        static const char *const no[] = { "0", "no", "n", "false", "f", "off", NULL };
        g_autofree char *lower = g_ascii_strdown(text, -1);

        *ret = g_strv_contains(yes, lower);
        return *ret || g_strv_contains(no, lower);
}

gboolean terminal_has_colours(void) {
        const char *variable = g_getenv("SYSTEMD_COLORS"), *no_color = g_getenv("NO_COLOR");
        gboolean wanted;

        if (variable && parse_boolean(variable, &wanted))
                return wanted;
        if (no_color && *no_color != '\0')
                return FALSE;

        return isatty(STDOUT_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

const char *terminal_colour(TerminalColour colour) {
        static const char *const sequences[] = {
                [COLOUR_NORMAL] = "\033[0m",   [COLOUR_BOLD] = "\033[0;1m",    [COLOUR_GREY] = "\033[0;90m",
                [COLOUR_GREEN] = "\033[0;32m", [COLOUR_YELLOW] = "\033[0;33m", [COLOUR_RED] = "\033[0;31m",
                [COLOUR_BLUE] = "\033[0;34m",
        };

        return terminal_has_colours() ? sequences[colour] : "";
}

void terminal_next_screen(gboolean is_first) {
        if (isatty(STDOUT_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0)
                fputs("\033[H\033[2J", stdout);
        else if (!is_first)
                putchar('\n');
}

unsigned terminal_columns(const char *text) {
        unsigned n = 0;

        for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
                gunichar c = g_utf8_get_char(p);

                if (c < 0x80) {
                        n++;
                        continue;
                }
                n += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        }

        return n;
}

/* The longest end, or start, of the text that takes no more columns; as a count of bytes. */
static size_t measure(const char *text, unsigned width, gboolean from_end) {
        const char *end = text + strlen(text), *p = from_end ? end : text;

        while (from_end ? p > text : *p != '\0') {
                const char *next = from_end ? g_utf8_prev_char(p) : g_utf8_next_char(p);
                g_autofree char *piece = from_end ? g_strdup(next) : g_strndup(text, (gsize) (next - text));

                if (terminal_columns(piece) > width)
                        break;
                p = next;
        }

        return (size_t) (from_end ? end - p : p - text);
}

char *terminal_fit(const char *text, unsigned width) {
        const char *ellipsis = terminal_is_utf8() ? "…" : "...";
        unsigned taken = terminal_columns(ellipsis), rest;
        size_t head, tail;

        if (terminal_columns(text) <= width)
                return g_strdup(text);
        if (width <= taken)
                return g_strndup(text, measure(text, width, FALSE));

        /* The end of a name tells more than its start. */
        rest = width - taken;
        head = measure(text, rest / 3, FALSE);
        tail = measure(text, rest - rest / 3, TRUE);
        return g_strdup_printf("%.*s%s%s", (int) head, text, ellipsis, text + strlen(text) - tail);
}

void terminal_print_wrapped(const char *text) {
        g_auto(GStrv) words = g_strsplit(text, " ", -1);
        unsigned width = terminal_line_width(), column = 0;

        for (char **word = words; *word; word++) {
                unsigned columns = terminal_columns(*word);

                if (column > 0 && column + 1 + columns > width) {
                        putchar('\n');
                        column = 0;
                }
                if (column > 0) {
                        putchar(' ');
                        column++;
                }
                fputs(*word, stdout);
                column += columns;
        }
        putchar('\n');
}

char *terminal_fit_parts(const char *const *parts, unsigned width) {
        GString *line = g_string_new(NULL);
        unsigned taken = 0;

        for (const char *const *part = parts; *part; part++) {
                taken += terminal_columns(*part) + (part == parts ? 0 : 2);
                if (taken > width)
                        break;
                g_string_append_printf(line, "%s%s", part == parts ? "" : "  ", *part);
        }
        if (line->len > 0)
                return g_string_free(line, FALSE);

        g_string_free(line, TRUE);
        return *parts ? terminal_fit(*parts, width) : g_strdup("");
}
