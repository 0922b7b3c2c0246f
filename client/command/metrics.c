/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "exit-code.h"
#include "exposition.h"
#include "metered.h"
#include "replacement.h"
#include "size.h"
#include "survey.h"
#include "target-list.h"
#include "verbs.h"

/* The verb `metrics`: figures of units for Prometheus. */

typedef struct Metric {
        ExpositionFamily family;
        size_t offset; /* in Metered */
        gboolean is_usec;
} Metric;

#define BYTES(name, member, help)                                                   \
        {                                                                           \
                { "mymem_memory_" name "_bytes", EXPOSITION_GAUGE, "bytes", help }, \
                        offsetof(Metered, member), FALSE                            \
        }
#define SECONDS(name, member, help)                                                       \
        {                                                                                 \
                { "mymem_memory_" name "_seconds", EXPOSITION_COUNTER, "seconds", help }, \
                        offsetof(Metered, member), TRUE                                   \
        }
#define COUNT(name, member, help) \
        { { "mymem_memory_" name, EXPOSITION_COUNTER, NULL, help }, offsetof(Metered, member), FALSE }

static const Metric all[] = {
        BYTES("usage", usage, "Memory that is charged to the unit, page cache included."),
        BYTES("working_set", working_set, "Usage without inactive page cache."),
        BYTES("limit", limit, "The smallest hard limit of the unit, the slices above it and the machine."),
        BYTES("max", max, "The hard limit of the unit itself, if it has one."),
        BYTES("high",
              high,
              "The smallest throttling limit of the unit and the slices above it, if there is one."),
        BYTES("available", available, "What the unit may still take before it is throttled or killed."),
        BYTES("peak", peak, "The most that was ever charged to the unit."),
        BYTES("swap", swap, "What of the unit's memory is swapped out."),
        SECONDS("pressure_waiting", waiting_usec, "Time in which some tasks of the unit waited for memory."),
        SECONDS("pressure_stalled", stalled_usec, "Time in which all tasks of the unit waited for memory."),
        COUNT("low_events",
              events.low,
              "How often memory was reclaimed although the unit was below its protection."),
        COUNT("high_events", events.high, "How often tasks were throttled because of a throttling limit."),
        COUNT("max_events", events.max, "How often the usage was about to go over a hard limit."),
        COUNT("oom_events",
              events.oom,
              "How often a hard limit was reached and nothing could be reclaimed."),
        COUNT("oom_kills", events.oom_kill, "Processes of the unit killed because memory ran out."),
};

static char *format_labels(const Metered *metered) {
        GString *labels = g_string_new(NULL);

        exposition_append_label(labels, "unit", metered->unit);
        exposition_append_label(labels, "slice", metered->slice);
        exposition_append_label(labels, "control_group", metered->control_group);
        return g_string_free(labels, FALSE);
}

static guint64 value_of(const Metric *metric, const Metered *metered) {
        return *(const guint64 *) ((const char *) metered + metric->offset);
}

/* All samples of a metric stand together; of one that nobody has, nothing does. */
static void write_metric(const Exposition *exposition,
                         const Metric *metric,
                         const GPtrArray *units,
                         char **labels) {
        gboolean is_begun = FALSE;

        for (guint i = 0; i < units->len; i++) {
                guint64 value = value_of(metric, g_ptr_array_index(units, i));

                if (value == SIZE_UNKNOWN)
                        continue;
                if (!is_begun)
                        exposition_begin(exposition, &metric->family);
                is_begun = TRUE;
                if (metric->is_usec)
                        exposition_add_usec(exposition, &metric->family, labels[i], value);
                else
                        exposition_add_number(exposition, &metric->family, labels[i], value);
        }
}

static void write_all(const Options *options, const GPtrArray *units, FILE *stream) {
        const Exposition exposition = { stream, options->format };
        g_auto(GStrv) labels = g_new0(char *, units->len + 1);

        for (guint i = 0; i < units->len; i++)
                labels[i] = format_labels(g_ptr_array_index(units, i));
        for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
                write_metric(&exposition, &all[i], units, labels);
        exposition_end(&exposition);
}

/* The first that is a PID: a process has no series of its own. NULL if there is none. */
static const char *find_process(char **words) {
        for (char **word = words; word && *word; word++) {
                Argument argument = argument_parse(*word, FALSE);
                gboolean is_process = argument.target.kind == TARGET_PROCESS;

                argument_done(&argument);
                if (is_process)
                        return *word;
        }

        return NULL;
}

static void add(const Options *options, const Inquiry *inquiry, void *userdata) {
        (void) options;

        g_ptr_array_add(userdata, metered_from_snapshot(inquiry->answer.snapshot));
}

static int find_named(const Options *options, char **words, GPtrArray **ret) {
        g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(metered_free);
        TargetList list;
        int exit_code;

        exit_code = target_list_make(options, words, &list);
        if (exit_code != EXIT_CODE_OK)
                return exit_code;

        exit_code = target_list_tell(options, &list, ASK_ALL, add, units);
        target_list_done(&list);
        *ret = g_steal_pointer(&units);
        return exit_code;
}

static int find_all(const Options *options, GPtrArray **ret) {
        g_autoptr(GPtrArray) units = NULL;
        g_autofree char *message = NULL;
        int r;

        r = survey_make(options, &units, &message);
        if (r >= 0 && (units->len > 0 || options->user)) {
                *ret = g_steal_pointer(&units);
                return EXIT_CODE_OK;
        }

        /* A machine has units: what can be seen from here is not one. */
        if (r >= 0) {
                r = -ENODATA;
                message = g_strdup("No memory controller accounts for any unit.");
        }
        g_printerr("mymem: %s\n", message ? message : g_strerror(-r));
        return exit_code_from_error(r);
}

/* Two samples with the same labels are an error to those who read them: a unit that was named twice stands
 * there once. */
static void put_in_order(GPtrArray *units) {
        g_ptr_array_sort(units, metered_compare);
        for (guint i = units->len; i > 1; i--)
                if (metered_compare(&units->pdata[i - 1], &units->pdata[i - 2]) == 0)
                        g_ptr_array_remove_index(units, i - 1);
}

static int replace_file(const Options *options, const GPtrArray *units) {
        Replacement replacement;
        int r;

        r = replacement_open(options->output, &replacement);
        if (r >= 0) {
                write_all(options, units, replacement.stream);
                r = replacement_commit(&replacement);
                replacement_done(&replacement);
        }
        if (r >= 0)
                return EXIT_CODE_OK;

        g_printerr("mymem: Cannot write '%s': %s\n",
                   options->output,
                   r == -EEXIST ? "What is there is no regular file." : g_strerror(-r));
        return EXIT_CODE_FAILURE;
}

int metrics(const Options *options, char **words) {
        const char *process = find_process(words);
        g_autoptr(GPtrArray) units = NULL;
        int exit_code, written = EXIT_CODE_OK;

        if (process) {
                g_printerr("mymem: 'metrics' takes units and control groups, not '%s'.\n", process);
                return EXIT_CODE_USAGE;
        }

        exit_code = words && words[0] ? find_named(options, words, &units) : find_all(options, &units);
        /* Where nothing could be read, what was known before is worth more than nothing. */
        if (!units || (units->len == 0 && exit_code != EXIT_CODE_OK))
                return exit_code;
        put_in_order(units);

        if (options->output)
                written = replace_file(options, units);
        else
                write_all(options, units, stdout);
        return exit_code != EXIT_CODE_OK ? exit_code : written;
}
