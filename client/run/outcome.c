/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/wait.h>

#include "display.h"
#include "outcome.h"
#include "size.h"

guint64 outcome_peak(const Outcome *outcome, OutcomePeak *ret_kind) {
        if (outcome->is_shared || !outcome->control_group) {
                *ret_kind = OUTCOME_PEAK_RSS;
                return (guint64) outcome->command->usage.ru_maxrss * 1024;
        }
        if (outcome->is_final && outcome->after->peak != SIZE_UNKNOWN) {
                *ret_kind = OUTCOME_PEAK_KERNEL;
                return outcome->after->peak;
        }

        *ret_kind = outcome->series->n_samples > 0 ? OUTCOME_PEAK_SAMPLED : OUTCOME_PEAK_UNKNOWN;
        return outcome->series->n_samples > 0 ? outcome->series->usage : SIZE_UNKNOWN;
}

const char *outcome_peak_to_string(OutcomePeak kind) {
        static const char *const names[] = {
                [OUTCOME_PEAK_UNKNOWN] = "unknown",
                [OUTCOME_PEAK_KERNEL] = "kernel",
                [OUTCOME_PEAK_SAMPLED] = "sampled",
                [OUTCOME_PEAK_RSS] = "rss",
        };

        return names[kind];
}

guint64 outcome_growth(const Outcome *outcome, size_t offset) {
        guint64 before, after;

        if (!outcome->before || !outcome->after || outcome->before == outcome->after)
                return SIZE_UNKNOWN;

        memcpy(&before, (const char *) outcome->before + offset, sizeof(before));
        memcpy(&after, (const char *) outcome->after + offset, sizeof(after));
        if (before == SIZE_UNKNOWN || after == SIZE_UNKNOWN)
                return SIZE_UNKNOWN;

        /* What came after the last look is not known; "none" would be a claim. */
        return after <= before && !outcome->is_final ? SIZE_UNKNOWN : size_less(after, before);
}

guint64 outcome_oom_kills(const Outcome *outcome) {
        return outcome_growth(outcome, offsetof(Snapshot, events.oom_kill));
}

/* A line is one line, whatever is in it. */
char *outcome_command_line(char *const *arguments) {
        g_autofree char *joined = g_strjoinv(" ", (char **) arguments);
        g_auto(GStrv) words = g_strsplit_set(joined, " \t\n", -1);
        g_autoptr(GString) line = g_string_new(NULL);
        char *shown, *copy;

        for (char **word = words; *word; word++)
                if (**word != '\0')
                        g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", *word);
        shown = display_text(line->str);
        copy = g_strdup(shown);
        free(shown);
        return copy;
}

char *outcome_result(const Outcome *outcome) {
        int status = outcome->command->status;

        if (WIFSIGNALED(status)) {
                const char *name = sigabbrev_np(WTERMSIG(status));
                gboolean is_oom = WTERMSIG(status) == SIGKILL &&
                        outcome_oom_kills(outcome) != SIZE_UNKNOWN && outcome_oom_kills(outcome) > 0;

                if (!name)
                        return g_strdup_printf("killed by signal %d", WTERMSIG(status));
                return g_strdup_printf("killed by SIG%s%s", name, is_oom ? ", out of memory" : "");
        }

        return g_strdup_printf("exit status %d", WEXITSTATUS(status));
}

char *outcome_place(const Outcome *outcome) {
        const Place *place = outcome->place;
        const char *group = outcome->control_group ? outcome->control_group : "";

        switch (place->kind) {
        case PLACE_SCOPE:
                if (outcome->is_shared)
                        return g_strdup_printf("%s, without memory figures of its own", place->unit);
                return g_strdup_printf(
                        "%s of %s", place->unit, place->is_user ? "the user manager" : "systemd");
        case PLACE_GROUP:
                return g_strdup_printf("%s, made for it", group);
        case PLACE_SHARED:
                if (!outcome->control_group)
                        return g_strdup("no control group that can be read");
                return g_strdup_printf("%s, with others", group);
        default:
                g_assert_not_reached();
        }
}
