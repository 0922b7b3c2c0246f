/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "history.h"
#include "size.h"

typedef struct History {
        guint64 values[HISTORY_MAX]; /* a ring, SIZE_UNKNOWN where it was not known */
        guint n;                     /* how many there were in all */
        guint seen;                  /* in which look last */
} History;

struct Histories {
        GHashTable *by_group; /* control group → History */
        guint n_looks;
};

Histories *histories_new(void) {
        Histories *histories = g_new0(Histories, 1);

        histories->by_group = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        return histories;
}

void histories_free(Histories *histories) {
        if (!histories)
                return;

        g_hash_table_unref(histories->by_group);
        g_free(histories);
}

static gboolean is_gone(gpointer key, gpointer value, gpointer userdata) {
        const Histories *histories = userdata;
        const History *history = value;

        (void) key;
        return history->seen != histories->n_looks;
}

void histories_add(Histories *histories, const GPtrArray *units) {
        histories->n_looks++;
        for (guint i = 0; i < units->len; i++) {
                const Unit *unit = g_ptr_array_index(units, i);
                History *history = g_hash_table_lookup(histories->by_group, unit->control_group);

                if (!history) {
                        history = g_new0(History, 1);
                        g_hash_table_insert(histories->by_group, g_strdup(unit->control_group), history);
                }
                history->values[history->n++ % HISTORY_MAX] = unit->working_set;
                history->seen = histories->n_looks;
        }
        g_hash_table_foreach_remove(histories->by_group, is_gone, histories);
}

/* Which of so many steps the value stands at, as a part of the largest; the lowest for 0 alone. */
static guint step_of(guint64 value, guint64 largest, guint n_steps) {
        if (value == 0 || largest == 0)
                return 0;

        return 1 + (guint) ((long double) value / (long double) largest * (n_steps - 2) + 0.5L);
}

char *histories_draw(const Histories *histories, const Unit *unit, gboolean is_utf8) {
        static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        static const char *const letters[] = { " ", "_", ".", "-", "=", "+", "*", "%", "#" };
        const History *history = g_hash_table_lookup(histories->by_group, unit->control_group);
        g_autoptr(GString) line = g_string_new(NULL);
        guint64 largest = 0;
        guint n;

        n = history ? MIN(history->n, HISTORY_MAX) : 0;
        for (guint i = 0; i < n; i++)
                if (history->values[i] != SIZE_UNKNOWN)
                        largest = MAX(largest, history->values[i]);

        for (guint i = 0; i < n; i++) {
                guint64 value = history->values[(history->n - n + i) % HISTORY_MAX];

                g_string_append(
                        line,
                        value == SIZE_UNKNOWN ?
                                "?" :
                                (is_utf8 ? blocks : letters)[step_of(value, largest, G_N_ELEMENTS(blocks))]);
        }
        return g_string_free(g_steal_pointer(&line), FALSE);
}
