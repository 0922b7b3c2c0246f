/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "reading.h"

#define UNKNOWN UINT64_MAX
#define UNLIMITED UINT64_MAX
#define V1_UNLIMITED (UINT64_C(1) << 62)

const char *const figure_names[_FIGURE_COUNT] = {
        [FIGURE_MAX] = "Max",
        [FIGURE_HIGH] = "High",
        [FIGURE_LIMIT] = "Limit",
        [FIGURE_HIGH_LIMIT] = "HighLimit",
        [FIGURE_SWAP_MAX] = "SwapMax",
        [FIGURE_SWAP_LIMIT] = "SwapLimit",
        [FIGURE_AVAILABLE] = "Available",
        [FIGURE_USAGE] = "Usage",
        [FIGURE_WORKING_SET] = "WorkingSet",
        [FIGURE_PEAK] = "Peak",
        [FIGURE_ANONYMOUS] = "Anonymous",
        [FIGURE_FILE] = "File",
        [FIGURE_ACTIVE_FILE] = "ActiveFile",
        [FIGURE_INACTIVE_FILE] = "InactiveFile",
        [FIGURE_SHMEM] = "Shmem",
        [FIGURE_EVENTS_MAX] = "EventsMax",
        [FIGURE_EVENTS_OOM_KILL] = "EventsOOMKill",
};

const char *const text_names[_TEXT_COUNT] = {
        [TEXT_ID] = "Id",
        [TEXT_SYSTEM_UNIT] = "SystemUnit",
        [TEXT_SLICE] = "Slice",
        [TEXT_CONTROL_GROUP] = "ControlGroup",
        [TEXT_LIMIT_BY] = "LimitBy",
        [TEXT_HIGH_LIMIT_BY] = "HighLimitBy",
        [TEXT_SWAP_LIMIT_BY] = "SwapLimitBy",
        [TEXT_AVAILABLE_BY] = "AvailableBy",
};

/* The number behind "KEY " (or "KEY:" and blanks) at the head of a line. */
static uint64_t keyed(const char *text, const char *key) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        size_t n = strlen(key);

        for (size_t i = 0; lines[i]; i++)
                if (strncmp(lines[i], key, n) == 0 && (lines[i][n] == ' ' || lines[i][n] == ':'))
                        return g_ascii_strtoull(lines[i] + n + 1, NULL, 10);
        return UNKNOWN;
}

uint64_t reading_of_machine(const char *key) {
        g_autofree char *text = NULL;

        if (!g_file_get_contents("/proc/meminfo", &text, NULL, NULL))
                g_error("Cannot read /proc/meminfo.");
        return keyed(text, key) * 1024;
}

uint64_t reading_of_file(const char *directory, const char *file) {
        g_autofree char *name = g_build_filename(directory, file, NULL);
        g_autofree char *text = NULL;
        uint64_t value;

        if (!g_file_get_contents(name, &text, NULL, NULL) || g_str_has_prefix(text, "max"))
                return UNKNOWN;
        value = g_ascii_strtoull(text, NULL, 10);
        return value >= V1_UNLIMITED ? UNLIMITED : value;
}

static uint64_t in_file(const char *directory, const char *file, const char *key) {
        g_autofree char *name = g_build_filename(directory, file, NULL);
        g_autofree char *text = NULL;

        return g_file_get_contents(name, &text, NULL, NULL) ? keyed(text, key) : UNKNOWN;
}

/* The figures of one group alone. */
static void take_own(const char *directory, bool unified, uint64_t *figures) {
        static const char *const v1[] = { "total_rss",           "total_cache", "total_active_file",
                                          "total_inactive_file", "total_shmem", NULL };
        static const char *const v2[] = { "anon", "file", "active_file", "inactive_file", "shmem", NULL };
        uint64_t memsw, usage, inactive;

        for (size_t i = 0; v1[i]; i++)
                figures[FIGURE_ANONYMOUS + i] = in_file(directory, "memory.stat", unified ? v2[i] : v1[i]);

        if (unified) {
                figures[FIGURE_MAX] = reading_of_file(directory, "memory.max");
                figures[FIGURE_HIGH] = reading_of_file(directory, "memory.high");
                figures[FIGURE_SWAP_MAX] = reading_of_file(directory, "memory.swap.max");
                figures[FIGURE_USAGE] = reading_of_file(directory, "memory.current");
                figures[FIGURE_PEAK] = reading_of_file(directory, "memory.peak");
                figures[FIGURE_EVENTS_MAX] = in_file(directory, "memory.events", "max");
                figures[FIGURE_EVENTS_OOM_KILL] = in_file(directory, "memory.events", "oom_kill");
        } else {
                figures[FIGURE_MAX] = reading_of_file(directory, "memory.limit_in_bytes");
                figures[FIGURE_HIGH] = UNLIMITED;
                memsw = reading_of_file(directory, "memory.memsw.limit_in_bytes");
                figures[FIGURE_SWAP_MAX] = memsw == UNLIMITED || figures[FIGURE_MAX] == UNLIMITED ?
                        UNLIMITED :
                        memsw - MIN(memsw, figures[FIGURE_MAX]);
                figures[FIGURE_USAGE] = reading_of_file(directory, "memory.usage_in_bytes");
                figures[FIGURE_PEAK] = reading_of_file(directory, "memory.max_usage_in_bytes");
                figures[FIGURE_EVENTS_MAX] = reading_of_file(directory, "memory.failcnt");
                figures[FIGURE_EVENTS_OOM_KILL] = in_file(directory, "memory.oom_control", "oom_kill");
        }
        usage = figures[FIGURE_USAGE];
        inactive = figures[FIGURE_INACTIVE_FILE];
        figures[FIGURE_WORKING_SET] = usage == UNKNOWN ? UNKNOWN : usage - MIN(usage, inactive);
}

static void take_machine(Reading *reading) {
        uint64_t total = reading_of_machine("MemTotal");
        uint64_t available = reading_of_machine("MemAvailable");

        for (size_t i = 0; i < _FIGURE_COUNT; i++)
                reading->figures[i] = UNKNOWN;
        reading->figures[FIGURE_LIMIT] = total;
        reading->figures[FIGURE_AVAILABLE] = available;
        reading->figures[FIGURE_USAGE] = reading->figures[FIGURE_WORKING_SET] = total - available;
        reading->figures[FIGURE_SWAP_LIMIT] = reading_of_machine("SwapTotal");
}

static void tighten(Reading *reading, Figure figure, uint64_t value, Text by, const char *path) {
        if (value >= reading->figures[figure])
                return;
        reading->figures[figure] = value;
        g_free(reading->texts[by]);
        reading->texts[by] = g_strdup(path);
}

/* From the process's own group outwards: what is only as tight as what was met before changes nothing, so
 * the innermost group is named on a tie. The machine comes last. */
static void walk_chain(const Place *place, const char *leaf, Reading *reading) {
        g_autofree char *path = g_strdup(leaf);
        uint64_t total = reading_of_machine("MemTotal");
        uint64_t hidden = UNLIMITED;

        reading->figures[FIGURE_LIMIT] = reading->figures[FIGURE_HIGH_LIMIT] = UNLIMITED;
        reading->figures[FIGURE_SWAP_LIMIT] = reading->figures[FIGURE_AVAILABLE] = UNLIMITED;

        for (;;) {
                g_autofree char *directory = hierarchy_directory(&place->memory, path);
                uint64_t own[_FIGURE_COUNT];
                uint64_t bound;
                char *above;

                if (!directory)
                        break;
                take_own(directory, place->unified, own);
                bound = MIN(own[FIGURE_MAX], own[FIGURE_HIGH]);
                tighten(reading, FIGURE_LIMIT, own[FIGURE_MAX], TEXT_LIMIT_BY, path);
                tighten(reading, FIGURE_HIGH_LIMIT, own[FIGURE_HIGH], TEXT_HIGH_LIMIT_BY, path);
                tighten(reading, FIGURE_SWAP_LIMIT, own[FIGURE_SWAP_MAX], TEXT_SWAP_LIMIT_BY, path);
                if (bound != UNLIMITED)
                        tighten(reading,
                                FIGURE_AVAILABLE,
                                bound - MIN(bound, own[FIGURE_WORKING_SET]),
                                TEXT_AVAILABLE_BY,
                                path);
                if (!place->unified && g_str_equal(path, leaf))
                        hidden = in_file(directory, "memory.stat", "hierarchical_memory_limit");
                if (g_str_equal(path, place->memory.root))
                        break;
                above = g_path_get_dirname(path);
                g_free(path);
                path = above;
        }
        tighten(reading, FIGURE_LIMIT, MIN(hidden, total), TEXT_LIMIT_BY, "/");
        tighten(reading, FIGURE_SWAP_LIMIT, reading_of_machine("SwapTotal"), TEXT_SWAP_LIMIT_BY, "/");
        tighten(reading, FIGURE_AVAILABLE, reading_of_machine("MemAvailable"), TEXT_AVAILABLE_BY, "/");
}

static bool is_unit(const char *name) {
        static const char *const suffixes[] = {
                ".service", ".scope", ".slice", ".socket", ".mount", ".swap"
        };

        for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
                if (g_str_has_suffix(name, suffixes[i]) && !g_str_has_prefix(name, suffixes[i]))
                        return strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ":-_.\\@") ==
                                strlen(name);
        return false;
}

/* Fills Id, SystemUnit and Slice, and returns the path of the unit's own group, or NULL. */
static char *name_unit(const char *path, Reading *reading) {
        g_auto(GStrv) names = g_strsplit(path, "/", -1);
        g_autofree char *unit = NULL;
        GString *above = g_string_new(NULL);
        const char *id = "", *system_unit = "", *slice = "", *innermost_slice = "-.slice";

        for (size_t i = 1; names[i] && *names[i]; i++) {
                bool is_slice = g_str_has_suffix(names[i], ".slice");

                g_string_append_printf(above, "/%s", names[i]);
                if (!is_unit(names[i]))
                        continue;
                id = names[i];
                slice = innermost_slice;
                g_free(unit);
                unit = g_strdup(above->str);
                if (is_slice)
                        innermost_slice = names[i];
                else if (*system_unit == '\0')
                        system_unit = names[i];
        }
        (void) g_string_free(above, TRUE);
        reading->texts[TEXT_ID] = g_strdup(id);
        reading->texts[TEXT_SYSTEM_UNIT] = g_strdup(system_unit);
        reading->texts[TEXT_SLICE] = g_strdup(slice);
        return g_steal_pointer(&unit);
}

/* True if 'path' is 'above' or lies below it. */
static bool lies_in(const char *path, const char *above) {
        size_t n = strlen(above);

        return g_str_has_prefix(path, above) && (path[n] == '/' || path[n] == '\0');
}

static void read_paths(const Place *place, const char *path, const char *managed, Reading *ret) {
        g_autofree char *unit = NULL;
        const char *reported;
        uint64_t own[_FIGURE_COUNT];

        *ret = (Reading) { 0 };
        unit = name_unit(managed, ret);
        for (size_t i = TEXT_CONTROL_GROUP; i < _TEXT_COUNT; i++)
                ret->texts[i] = g_strdup("");

        if (g_str_equal(path, "/")) {
                take_machine(ret);
                for (size_t i = TEXT_CONTROL_GROUP; i < _TEXT_COUNT; i++)
                        if (i != TEXT_HIGH_LIMIT_BY) {
                                g_free(ret->texts[i]);
                                ret->texts[i] = g_strdup("/");
                        }
                return;
        }

        walk_chain(place, path, ret);
        /* A user's unit has no group of its own on v1: then it is the process's. */
        reported = unit && lies_in(path, unit) ? unit : path;
        if (lies_in(ret->texts[TEXT_LIMIT_BY], reported))
                reported = ret->texts[TEXT_LIMIT_BY];
        g_free(ret->texts[TEXT_CONTROL_GROUP]);
        ret->texts[TEXT_CONTROL_GROUP] = g_strdup(reported);
        ret->directory = hierarchy_directory(&place->memory, reported);

        take_own(ret->directory, place->unified, own);
        for (size_t i = 0; i < _FIGURE_COUNT; i++)
                if (i != FIGURE_LIMIT && i != FIGURE_HIGH_LIMIT && i != FIGURE_SWAP_LIMIT &&
                    i != FIGURE_AVAILABLE)
                        ret->figures[i] = own[i];
}

bool reading_take(const Place *place, pid_t pid, Reading *ret) {
        g_autofree char *path = hierarchy_path_of(&place->memory, pid);
        g_autofree char *managed =
                place->units.mount ? hierarchy_path_of(&place->units, pid) : g_strdup(path);

        if (!path || !managed)
                return false;
        read_paths(place, path, managed, ret);
        return true;
}

void reading_take_group(const Place *place, const char *path, Reading *ret) {
        read_paths(place, path, path, ret);
}

void reading_clear(Reading *reading) {
        for (size_t i = 0; i < _TEXT_COUNT; i++)
                g_clear_pointer(&reading->texts[i], g_free);
        g_clear_pointer(&reading->directory, g_free);
}
