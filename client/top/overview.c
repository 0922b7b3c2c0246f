/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "cleanup.h"
#include "inquiry.h"
#include "overview.h"
#include "remote.h"

/* A look at very many units takes long: then there are fewer, so that no more than a part of the time is
 * spent looking: of a processor's here, and of all together, since the service may be at work for us. */
#define SHARE_OF_PROCESSOR 15
#define SHARE_OF_TIME 4

const Row *overview_row(const Overview *overview, guint i) {
        return &g_array_index(overview->rows, Row, i);
}

void overview_select(Overview *overview, guint row) {
        overview->row = overview->rows->len == 0 ? 0 : MIN(row, overview->rows->len - 1);
        g_free(overview->selected);
        overview->selected = overview->rows->len == 0 ?
                NULL :
                g_strdup(overview_row(overview, overview->row)->unit->control_group);
}

void overview_begin(Overview *overview) {
        overview->filter = g_string_new(NULL);
        overview->histories = histories_new();
        overview->units = g_ptr_array_new();
}

/* The selected unit stays so wherever it stands now; if it is gone, what stands there is. */
void overview_arrange(Overview *overview) {
        g_assert(overview->filter);

        if (overview->rows)
                g_array_unref(overview->rows);
        overview->arrangement.filter = overview->filter->str;
        overview->rows = rows_arrange(overview->units, &overview->arrangement);

        for (guint i = 0; overview->selected && i < overview->rows->len; i++)
                if (g_str_equal(overview_row(overview, i)->unit->control_group, overview->selected)) {
                        overview->row = i;
                        return;
                }
        overview_select(overview, overview->row);
}

/* The machine's own figures, where it is not another one. */
static void look_at_machine(Overview *overview) {
        _cleanup_(machine_freep) Machine *machine = NULL;
        g_autofree char *message = NULL;

        overview->has_machine = !remote_is_wanted(&overview->options) &&
                inquiry_open_machine(&overview->options, &machine, &message) >= 0 &&
                machine_read_meminfo(machine, &overview->machine) >= 0;
}

/* What this program has had of a processor so far. */
static gint64 processor_usec(void) {
        struct timespec used;

        (void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return (gint64) used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

int overview_look(Overview *overview) {
        g_autoptr(GPtrArray) units = NULL;
        g_autofree char *message = NULL;
        gint64 begin = g_get_monotonic_time(), busy = processor_usec(), wait;
        int r;

        r = units_find(&overview->options, &units, &message);
        wait = MAX((processor_usec() - busy) * SHARE_OF_PROCESSOR,
                   (g_get_monotonic_time() - begin) * SHARE_OF_TIME);
        overview->look_at_usec = begin + MAX((gint64) overview->options.delay_usec, wait);
        overview->n_looks++;
        g_free(overview->message);
        overview->message = r < 0 ? g_strdup(message ? message : g_strerror(-r)) : NULL;
        if (r < 0)
                return r;

        overview->is_read_here = r == 0 && !overview->options.direct && !overview->options.sysroot;
        units_filter(&overview->options, overview->patterns, units);
        histories_add(overview->histories, units);
        /* The rows point at the old ones. */
        if (overview->rows)
                g_array_set_size(overview->rows, 0);
        g_ptr_array_unref(overview->units);
        overview->units = g_steal_pointer(&units);
        overview_arrange(overview);
        look_at_machine(overview);
        return 0;
}

gboolean overview_is_over(const Overview *overview) {
        return overview->options.iterations > 0 && overview->n_looks >= overview->options.iterations;
}
