/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "binder.h"
#include "cleanup.h"
#include "display.h"
#include "inquiry.h"
#include "label.h"
#include "names.h"
#include "path.h"
#include "remote.h"
#include "unit-name.h"
#include "units.h"
#include "walk.h"

static void unit_free(void *pointer) {
        Unit *unit = pointer;

        g_free(unit->name);
        g_free(unit->control_group);
        g_free(unit);
}

gboolean units_is_pattern(const char *text) {
        return text[0] != '/' && strpbrk(text, "*?[");
}

static int read_units(sd_bus_message *reply, GPtrArray *units) {
        const char *name, *object;
        Unit figures;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "(sotttt)");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_read(reply,
                                        "(sotttt)",
                                        &name,
                                        &object,
                                        &figures.limit,
                                        &figures.usage,
                                        &figures.working_set,
                                        &figures.available)) > 0) {
                _cleanup_free_ char *path = NULL;
                Unit *unit;

                r = label_to_control_group(object, &path);
                if (r < 0)
                        return r;
                unit = g_memdup2(&figures, sizeof(figures));
                unit->name = display_text(name);
                if (!unit->name)
                        unit->name = g_strdup("");
                unit->control_group = g_strdup(path ? path : "");
                g_ptr_array_add(units, unit);
        }

        return r;
}

int units_ask(Connection *connection, GPtrArray **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(unit_free);
        int r;

        r = connection_new_call(
                connection, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, "ListUnits", &message);
        if (r >= 0)
                r = connection_call(connection, message, &reply);
        if (r < 0 || sd_bus_message_is_method_error(reply, NULL) || read_units(reply, units) < 0)
                return 0;

        *ret = g_steal_pointer(&units);
        return 1;
}

/* Asks the service. Returns 1, or 0 if it does not answer, or an error with a message. */
static int ask_units(const Options *options, GPtrArray **ret, char **ret_message) {
        _cleanup_(connection_done) Connection connection = { 0 };
        int r;

        r = remote_open(options, &connection, ret_message);
        if (r < 0)
                return *ret_message ? r : 0;

        r = units_ask(&connection, ret);
        if (r > 0 || !remote_is_wanted(options))
                return r;

        *ret_message = g_strdup_printf("%s: The service does not answer.",
                                       options->host ? options->host : options->machine);
        return -EIO;
}

static void add_unit(Machine *machine, const WalkGroup *group, void *userdata) {
        Unit *unit = g_new(Unit, 1);

        (void) machine;

        *unit = (Unit) { .name = g_strdup(group->unit),
                         .control_group = g_strdup(group->path),
                         .limit = group->limit,
                         .usage = group->usage,
                         .working_set = group->working_set,
                         .available = group->available };
        g_ptr_array_add(userdata, unit);
}

static int walk_units(const Options *options, GPtrArray **ret, char **ret_message) {
        g_autoptr(GPtrArray) units = g_ptr_array_new_with_free_func(unit_free);
        int r;

        r = inquiry_walk_units(options, WALK_UNITS, add_unit, units, ret_message);
        if (r < 0)
                return r;

        *ret = g_steal_pointer(&units);
        return 0;
}

int units_find(const Options *options, GPtrArray **ret, char **ret_message) {
        int r;

        if (!options->direct && !options->sysroot) {
                r = ask_units(options, ret, ret_message);
                if (r != 0)
                        return r;
                inquiry_tell_direct(options);
        }

        return walk_units(options, ret, ret_message);
}

gboolean units_is_own(const char *control_group) {
        g_autofree char *manager = g_strdup_printf("/user@%u.service/", (unsigned) getuid());

        return strstr(control_group, manager) != NULL;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Where the tree cannot be seen from here, or is another machine's. */
static int match_listed(const Options *options, const char *pattern, GPtrArray *names, char **ret_message) {
        g_autoptr(GPtrArray) units = NULL;
        int r;

        r = units_find(options, &units, ret_message);
        for (guint i = 0; r >= 0 && units && i < units->len; i++) {
                const Unit *unit = g_ptr_array_index(units, i);

                if (binder_manager(unit->control_group, NULL) == BINDER_SYSTEM &&
                    fnmatch(pattern, unit->name, FNM_NOESCAPE) == 0)
                        g_ptr_array_add(names, g_strdup(unit->name));
        }

        return r;
}

typedef struct Matching {
        const char *pattern;
        GPtrArray *names;
} Matching;

static void match_unit(Machine *machine, const WalkGroup *group, void *userdata) {
        const Matching *matching = userdata;

        (void) machine;

        if (fnmatch(matching->pattern, group->unit, FNM_NOESCAPE) == 0)
                g_ptr_array_add(matching->names, g_strdup(group->unit));
}

static int match_walked(const Options *options, const char *pattern, GPtrArray *names, char **ret_message) {
        Matching matching = { pattern, names };

        return inquiry_walk_units(options, WALK_NAMES, match_unit, &matching, ret_message);
}

int units_match(const Options *options, const char *pattern, GPtrArray **ret, char **ret_message) {
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *message = NULL;
        int r;

        if (remote_is_wanted(options))
                r = match_listed(options, pattern, names, ret_message);
        else {
                r = match_walked(options, pattern, names, &message);
                if (r == -ENODATA && !options->user && !options->sysroot && !options->direct) {
                        g_ptr_array_set_size(names, 0);
                        r = match_listed(options, pattern, names, ret_message);
                } else if (r < 0)
                        *ret_message = g_steal_pointer(&message);
        }
        if (r < 0)
                return r;

        g_ptr_array_sort(names, compare_names);
        *ret = g_steal_pointer(&names);
        return 0;
}
