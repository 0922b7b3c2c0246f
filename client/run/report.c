/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "binder.h"
#include "display.h"
#include "graph.h"
#include "report.h"
#include "size-text.h"
#include "size.h"
#include "terminal.h"
#include "time-text.h"
#include "value.h"

#define LABEL_WIDTH 15
#define GRAPH_MAX 80
#define GRAPH_SAMPLES_MIN 3

static void add(GString *text, unsigned width, const char *label, const char *value) {
        unsigned rest = size_less(width, LABEL_WIDTH + 2);
        g_autofree char *fitted = terminal_fit(value, rest);

        g_string_append_printf(text, "%*s: %s\n", LABEL_WIDTH, label, rest > 0 ? fitted : value);
}

/* Figures are not cut, for what is left of one is another one: where there is no room what is said of them
 * goes to the next line. */
static void add_figure(GString *text, unsigned width, const char *label, char *value) {
        char *remark = terminal_columns(value) + LABEL_WIDTH + 2 > width ? strstr(value, ", ") : NULL;

        if (remark)
                *remark++ = '\0';
        g_string_append_printf(text, "%*s: %s%s\n", LABEL_WIDTH, label, value, remark ? "," : "");
        if (remark)
                g_string_append_printf(text, "%*s %s\n", LABEL_WIDTH + 1, "", remark + 1);
        g_free(value);
}

static void add_peak(GString *text, const Outcome *outcome, unsigned width, gboolean bytes) {
        static const char *const remarks[] = {
                [OUTCOME_PEAK_UNKNOWN] = "",
                [OUTCOME_PEAK_KERNEL] = "",
                [OUTCOME_PEAK_SAMPLED] = ", the largest sample",
                [OUTCOME_PEAK_RSS] = ", resident, of the largest process",
        };
        g_autofree char *size = NULL;
        OutcomePeak kind;
        guint64 peak;

        peak = outcome_peak(outcome, &kind);
        if (kind == OUTCOME_PEAK_UNKNOWN)
                return;
        size = size_text_format(peak, bytes);
        add_figure(text, width, "Peak", g_strconcat(size, remarks[kind], NULL));
}

static void add_working_set(GString *text, const Outcome *outcome, unsigned width, gboolean bytes) {
        g_autofree char *size = NULL;

        if (outcome->series->n_samples == 0)
                return;
        size = size_text_format(outcome->series->working_set, bytes);
        add_figure(text,
                   width,
                   "Working set",
                   outcome->series->n_samples == 1 ?
                           g_strconcat(size, ", the only sample", NULL) :
                           g_strdup_printf("%s, largest of %" G_GUINT64_FORMAT " samples",
                                           size,
                                           outcome->series->n_samples));
}

static void add_limit(
        GString *text, unsigned width, const char *label, guint64 value, const char *by, gboolean bytes) {
        g_autofree char *size = size_text_format_limit(value, bytes), *name = binder_name(by);

        add_figure(text, width, label, g_strdup_printf("%s, set by %s", size, name));
}

static void add_pressure(GString *text, const Outcome *outcome, unsigned width) {
        guint64 some = outcome_growth(outcome, offsetof(Snapshot, pressure.some.total));
        guint64 full = outcome_growth(outcome, offsetof(Snapshot, pressure.full.total));
        g_autofree char *some_text = NULL, *full_text = NULL;

        if (some == SIZE_UNKNOWN || full == SIZE_UNKNOWN)
                return;
        some_text = time_text_format(some);
        full_text = time_text_format(full);
        add_figure(text, width, "Under pressure", g_strdup_printf("some %s, full %s", some_text, full_text));
}

static void add_figures(GString *text, const Outcome *outcome, unsigned width, gboolean bytes) {
        const Snapshot *after = outcome->after;
        guint64 oom_kills = outcome_oom_kills(outcome);

        add_peak(text, outcome, width, bytes);
        add_working_set(text, outcome, width, bytes);
        if (after)
                add_limit(text, width, "Limit", after->limit, after->limit_by, bytes);
        if (after && after->high_limit != SIZE_UNLIMITED)
                add_limit(text, width, "High", after->high_limit, after->high_limit_by, bytes);
        add_pressure(text, outcome, width);
        if (oom_kills != SIZE_UNKNOWN)
                add_figure(text, width, "OOM kills", g_strdup_printf("%" G_GUINT64_FORMAT, oom_kills));
}

char *report_text(const Outcome *outcome, gboolean bytes, unsigned width) {
        g_autofree char *line = outcome_command_line(outcome->arguments), *result = outcome_result(outcome),
                        *place = outcome_place(outcome), *duration = NULL, *graph = NULL;
        GString *text = g_string_new(NULL);

        duration = time_text_format(outcome->duration_usec);
        add(text, width, "Command", line);
        add(text, width, "Result", result);
        add(text, width, "Ran in", place);
        if (outcome->place->reason)
                add(text, width, "No scope", outcome->place->reason);
        if (outcome->no_figures)
                add(text, width, "No figures", outcome->no_figures);
        add(text, width, "Duration", duration);
        add_figures(text, outcome, width, bytes);
        /* Of less there is nothing to be seen but a block. */
        if (outcome->series->n_samples >= GRAPH_SAMPLES_MIN)
                graph = graph_draw(outcome->series, outcome->duration_usec, MIN(width, GRAPH_MAX));
        g_string_append(text, graph ? graph : "");
        return g_string_free(text, FALSE);
}

/* As it is, unless that is no text. */
static void add_argument(Json *json, const char *argument) {
        char *shown = g_utf8_validate(argument, -1, NULL) ? NULL : display_text(argument);

        json_add_string(json, NULL, shown ? shown : argument);
        free(shown);
}

static void write_result(Json *json, const Outcome *outcome) {
        int status = outcome->command->status;

        json_open_array(json, "Command");
        for (char **argument = outcome->arguments; *argument; argument++)
                add_argument(json, *argument);
        json_close_array(json);
        json_add_unsigned(json, "ExitCode", (guint64) command_exit_code(outcome->command));
        if (WIFSIGNALED(status))
                json_add_unsigned(json, "Signal", (guint64) WTERMSIG(status));
        json_add_unsigned(json, "DurationUSec", outcome->duration_usec);
        json_add_string(json, "Place", place_kind_to_string(outcome->place->kind));
        if (outcome->place->unit)
                json_add_string(json, "Unit", outcome->place->unit);
        if (outcome->control_group)
                json_add_string(json, "ControlGroup", outcome->control_group);
}

static void write_figures(Json *json, const Outcome *outcome) {
        const Snapshot *after = outcome->after;
        OutcomePeak kind;
        guint64 peak = outcome_peak(outcome, &kind);

        value_write_json_measure("Peak", peak, json);
        json_add_string(json, "PeakSource", outcome_peak_to_string(kind));
        if (outcome->series->n_samples > 0)
                json_add_unsigned(json, "PeakWorkingSet", outcome->series->working_set);
        json_add_unsigned(json, "Samples", outcome->series->n_samples);
        json_add_unsigned(json, "IntervalUSec", outcome->interval_usec);
        if (after) {
                value_write_json_limit("Limit", after->limit, json);
                json_add_string(json, "LimitBy", after->limit_by);
                value_write_json_limit("HighLimit", after->high_limit, json);
                json_add_string(json, "HighLimitBy", after->high_limit_by);
        }
}

char *report_json(const Outcome *outcome, JsonMode mode) {
        static const struct {
                const char *name;
                size_t offset;
        } counts[] = {
                { "PressureSomeUSec", offsetof(Snapshot, pressure.some.total) },
                { "PressureFullUSec", offsetof(Snapshot, pressure.full.total) },
                { "EventsHigh", offsetof(Snapshot, events.high) },
                { "EventsMax", offsetof(Snapshot, events.max) },
                { "EventsOOM", offsetof(Snapshot, events.oom) },
                { "EventsOOMKill", offsetof(Snapshot, events.oom_kill) },
        };
        Json json = json_new(mode);

        json_open_object(&json, NULL);
        write_result(&json, outcome);
        write_figures(&json, outcome);
        for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
                value_write_json_measure(counts[i].name, outcome_growth(outcome, counts[i].offset), &json);
        json_close_object(&json);
        return json_end(&json);
}
