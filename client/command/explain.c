/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "binder.h"
#include "exit-code.h"
#include "size-text.h"
#include "size.h"
#include "table.h"
#include "target-list.h"
#include "terminal.h"
#include "value.h"
#include "verbs.h"

#define EXAMPLE_LIMIT (UINT64_C(1024) * 1024 * 1024)

/* The verb `explain`: the chain as a table, and why it is as it is in a sentence that one can act on. */

/* Which of a group's two limits bounds what is available in it. */
static const char *bounding_property(const SnapshotLevel *level) {
        return level->level.high < level->level.max ? "MemoryHigh" : "MemoryMax";
}

/* What one might set it to instead, as an example. */
static guint64 larger_than(guint64 bound) {
        return bound == 0 ? EXAMPLE_LIMIT : bound * 2;
}

static guint64 bound_of(const SnapshotLevel *level) {
        return MIN(level->level.high, level->level.max);
}

/* A size as one would write it into a unit file: with the largest suffix that it is a multiple of. */
static char *exact_size(guint64 value) {
        static const char suffixes[] = "KMGT";
        int i = -1;

        while (value > 0 && value % 1024 == 0 && i < 3) {
                value /= 1024;
                i++;
        }

        return g_strdup_printf("%" G_GUINT64_FORMAT "%.*s", value, i >= 0, &suffixes[MAX(i, 0)]);
}

/* A word of a command that one copies into a shell: names of units may hold backslashes. */
static char *shell_word(const char *text) {
        return text[strcspn(text, "\\ '\"$`&|;<>()*?[]#~!")] == '\0' ? g_strdup(text) : g_shell_quote(text);
}

/* How systemctl reaches the unit's manager from where this is asked; NULL if it cannot, or is not ours. */
static char *describe_manager(const Options *options, const char *control_group) {
        const char *remote = options->host ? options->host : options->machine;
        g_autofree char *word = remote ? shell_word(remote) : NULL;
        guint64 uid;

        switch (binder_manager(control_group, &uid)) {
        case BINDER_SYSTEM:
                return remote ? g_strdup_printf("systemctl %s %s", options->host ? "-H" : "-M", word) :
                                g_strdup("systemctl");
        case BINDER_USER:
                return remote || uid != getuid() ? NULL : g_strdup("systemctl --user");
        default:
                return NULL;
        }
}

/* The command that would give the unit that much, where it was asked about; NULL if there is none. */
static char *describe_change(const Options *options,
                             const char *control_group,
                             const char *unit,
                             const char *property,
                             guint64 value) {
        g_autofree char *manager = describe_manager(options, control_group), *size = exact_size(value),
                        *word = shell_word(unit);

        return manager ? g_strdup_printf("%s set-property %s %s=%s", manager, word, property, size) : NULL;
}

/* Whom the sentences are about. */
static const char *subject_name(const Snapshot *snapshot) {
        return *snapshot->id             ? snapshot->id :
                *snapshot->control_group ? snapshot->control_group :
                                           "This process";
}

/* Why it is so, and what one can do about it: a sentence and a command, or where to look. */
typedef struct Explanation {
        char *sentence;
        char *change; /* NULL if there is nothing to change */
} Explanation;

/* Here is nothing to change: more memory is what it would take. */
static Explanation explain_machine(const Snapshot *snapshot, const char *available) {
        return (Explanation) {
                .sentence = g_strdup_printf(
                        "%s can take %s more: no limit is reached before the machine is full.",
                        subject_name(snapshot),
                        available),
        };
}

static Explanation explain_rlimit(const Snapshot *snapshot, const char *available) {
        return (Explanation) {
                g_strdup_printf("The process can take %s more: that is what its own %s leaves.",
                                available,
                                snapshot->available_by),
                g_strdup_printf("prlimit --%s=BYTES --pid PID",
                                g_str_equal(snapshot->available_by, "RLIMIT_DATA") ? "data" : "as"),
        };
}

/* Where the bound is. */
static char *describe_place(const Snapshot *snapshot, const SnapshotLevel *level, const char *unit) {
        if (g_str_equal(level->control_group, snapshot->control_group))
                return g_strdup("its working set");

        return g_strdup_printf("it lies in %s%s, where the working set of all together",
                               unit ? "" : "the control group ",
                               unit ? unit : level->control_group);
}

static Explanation explain_group(const Options *options,
                                 const Snapshot *snapshot,
                                 const SnapshotLevel *level,
                                 const char *available) {
        g_autofree char *bound = size_text_format(bound_of(level), options->bytes),
                        *used = level->level.working_set == SIZE_UNKNOWN ?
                g_strdup("not known") :
                size_text_format(level->level.working_set, options->bytes),
                        *unit = NULL, *place = NULL;
        const char *property = bounding_property(level), *limit;
        gboolean is_unit = binder_is_unit(level->control_group, &unit);

        place = describe_place(snapshot, level, unit);
        limit = !is_unit ? "limit" : g_str_equal(property, "MemoryMax") ? "MemoryMax=" : "MemoryHigh=";

        return (Explanation) {
                g_strdup_printf("%s can take %s more: %s is %s, and its %s is %s.",
                                subject_name(snapshot),
                                available,
                                place,
                                used,
                                limit,
                                bound),
                is_unit ? describe_change(options,
                                          level->control_group,
                                          unit,
                                          property,
                                          larger_than(bound_of(level))) :
                          NULL,
        };
}

static Explanation explain_snapshot(const Options *options, const Snapshot *snapshot) {
        g_autofree char *available = size_text_format(snapshot->available, options->bytes);
        const SnapshotLevel *level = binder_find(snapshot, snapshot->available_by);

        if (snapshot->available_by[0] != '/')
                return explain_rlimit(snapshot, available);
        if (!level || bound_of(level) == SIZE_UNLIMITED)
                return explain_machine(snapshot, available);

        return explain_group(options, snapshot, level, available);
}

/* What the row of a group is marked with, NULL if it binds nothing. */
static char *describe_mark(const Snapshot *snapshot, const SnapshotLevel *level) {
        gboolean limits = g_str_equal(level->control_group, snapshot->limit_by),
                 bounds = g_str_equal(level->control_group, snapshot->available_by);

        if (!limits && !bounds)
                return NULL;

        return g_strdup_printf(
                "%s%s%s", limits ? "limit" : "", limits && bounds ? ", " : "", bounds ? "available" : "");
}

/* The levels stand below each other: the last component tells which one it is. */
static char *last_component(const char *control_group) {
        const char *slash = strrchr(control_group, '/');

        return g_strdup(slash && slash[1] != '\0' ? slash + 1 : control_group);
}

static gboolean has_high(const Snapshot *snapshot) {
        for (size_t i = 0; i < snapshot->n_levels; i++)
                if (snapshot->levels[i].level.high != SIZE_UNLIMITED)
                        return TRUE;

        return FALSE;
}

static char **make_row(const Options *options, const SnapshotLevel *level, gboolean with_high) {
        g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
        char *cells[] = {
                last_component(level->control_group),
                size_text_format_limit(level->level.max, options->bytes),
                with_high ? size_text_format_limit(level->level.high, options->bytes) : NULL,
                size_text_format_measure(level->level.usage, options->bytes),
                size_text_format_measure(level->level.working_set, options->bytes),
                size_text_format_measure(level->level.available, options->bytes),
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
                if (cells[i])
                        g_strv_builder_add(builder, cells[i]);
                g_free(cells[i]);
        }
        return g_strv_builder_end(builder);
}

/* The column of a limit that no group has is left out, to have room for names. */
static void print_chain(const Options *options, const Snapshot *snapshot) {
        static const char *const all[] = {
                "GROUP", "MAX", "HIGH", "USAGE", "WORKING SET", "AVAILABLE", NULL
        };
        static const char *const without_high[] = {
                "GROUP", "MAX", "USAGE", "WORKING SET", "AVAILABLE", NULL
        };
        gboolean with_high = has_high(snapshot);
        g_autoptr(Table) table = table_new(with_high ? all : without_high, 0);

        for (size_t i = 0; i < snapshot->n_levels; i++) {
                g_autofree char *mark = describe_mark(snapshot, &snapshot->levels[i]);

                table_add(table, make_row(options, &snapshot->levels[i], with_high), mark);
        }
        table_print(table, !options->no_legend);
}

static void write_level(Json *json, const SnapshotLevel *level) {
        json_open_object(json, NULL);
        json_add_string(json, "ControlGroup", level->control_group);
        json_add_string(json, "Unit", level->unit);
        value_write_json_limit("Max", level->level.max, json);
        value_write_json_limit("High", level->level.high, json);
        value_write_json_measure("Usage", level->level.usage, json);
        value_write_json_measure("WorkingSet", level->level.working_set, json);
        value_write_json_measure("Available", level->level.available, json);
        value_write_json_measure("SwapUsage", level->swap_usage, json);
        json_close_object(json);
}

static void write_json(const Snapshot *snapshot, const Explanation *explanation, Json *json) {
        json_open_object(json, NULL);
        json_add_string(json, "Id", snapshot->id);
        json_add_string(json, "ControlGroup", snapshot->control_group);
        json_add_unsigned(json, "Limit", snapshot->limit);
        json_add_string(json, "LimitBy", snapshot->limit_by);
        json_add_unsigned(json, "Available", snapshot->available);
        json_add_string(json, "AvailableBy", snapshot->available_by);
        json_add_string(json, "Explanation", explanation->sentence);
        if (explanation->change)
                json_add_string(json, "Change", explanation->change);
        json_open_array(json, "Chain");
        for (size_t i = 0; i < snapshot->n_levels; i++)
                write_level(json, &snapshot->levels[i]);
        json_close_array(json);
        json_close_object(json);
}

typedef struct Output {
        Json json;
        guint n;
} Output;

static void tell(const Options *options, const Inquiry *inquiry, void *userdata) {
        const Snapshot *snapshot = inquiry->answer.snapshot;
        Explanation explanation = explain_snapshot(options, snapshot);
        Output *output = userdata;

        if (options->json != JSON_OFF)
                write_json(snapshot, &explanation, &output->json);
        else {
                if (output->n > 0)
                        putchar('\n');
                print_chain(options, snapshot);
                putchar('\n');
                terminal_print_wrapped(explanation.sentence);
                if (explanation.change)
                        printf("To change that: %s\n", explanation.change);
        }
        output->n++;

        g_free(explanation.sentence);
        g_free(explanation.change);
}

int explain(const Options *options, char **words) {
        Output output = { .json = json_new(options->json) };
        TargetList list;
        int exit_code;

        exit_code = target_list_make(options, words, &list);
        if (exit_code == EXIT_CODE_USAGE)
                return exit_code;

        if (list.is_many)
                json_open_array(&output.json, NULL);
        exit_code = target_list_tell(options, &list, ASK_CHAIN, tell, &output);
        if (list.is_many)
                json_close_array(&output.json);
        json_print(&output.json, options->json != JSON_OFF && (list.is_many || output.n > 0));

        target_list_done(&list);
        return exit_code;
}
