/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bar.h"
#include "size.h"
#include "terminal.h"

gboolean shares_of_snapshot(const Snapshot *snapshot, Shares *ret) {
        Shares shares;
        guint64 rest;

        if (snapshot->usage == SIZE_UNKNOWN || snapshot->working_set == SIZE_UNKNOWN)
                return FALSE;

        shares.working_set = snapshot->working_set;
        shares.cache = size_less(snapshot->usage, snapshot->working_set);
        rest = size_less(snapshot->limit, snapshot->usage);
        shares.free = MIN(rest, size_less(snapshot->available, shares.cache));
        shares.unavailable = rest - shares.free;

        *ret = shares;
        return TRUE;
}

/* Appends the cells from the end of the last share to the end of this one. */
static unsigned append_share(GString *bar,
                             guint64 end,
                             guint64 total,
                             unsigned width,
                             unsigned drawn,
                             const char *cell,
                             TerminalColour colour) {
        unsigned until =
                total == 0 ? width : (unsigned) ((long double) end / (long double) total * width + 0.5L);

        if (until <= drawn)
                return drawn;

        g_string_append(bar, terminal_colour(colour));
        for (; drawn < until; drawn++)
                g_string_append(bar, cell);
        g_string_append(bar, terminal_colour(COLOUR_NORMAL));
        return drawn;
}

char *bar_draw(const Shares *shares, unsigned width) {
        gboolean utf8 = terminal_is_utf8();
        GString *bar = g_string_new(NULL);
        guint64 end, total;
        unsigned drawn;

        total = shares->working_set + shares->cache + shares->free + shares->unavailable;
        end = shares->working_set;
        drawn = append_share(bar, end, total, width, 0, utf8 ? "█" : "#", COLOUR_GREEN);
        end += shares->cache;
        drawn = append_share(bar, end, total, width, drawn, utf8 ? "▒" : "+", COLOUR_BLUE);
        end += shares->free;
        drawn = append_share(bar, end, total, width, drawn, utf8 ? "░" : ".", COLOUR_GREY);
        (void) append_share(bar, total, total, width, drawn, utf8 ? "╳" : "x", COLOUR_YELLOW);
        return g_string_free(bar, FALSE);
}
