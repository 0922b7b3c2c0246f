/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "caller.h"
#include "children.h"
#include "cleanup.h"
#include "display.h"
#include "failure-reply.h"
#include "keyed.h"
#include "label.h"
#include "names.h"
#include "snapshot-properties.h"
#include "unit.h"
#include "veil.h"

static int property_get_pressure(sd_bus *bus,
                                 const char *path,
                                 const char *interface,
                                 const char *property,
                                 sd_bus_message *reply,
                                 void *userdata,
                                 sd_bus_error *error) {
        const PressureLine *line = userdata;

        (void) bus, (void) path, (void) interface, (void) property, (void) error;

        return sd_bus_message_append(
                reply, "(dddt)", line->average10, line->average60, line->average300, line->total);
}

static int append_level(sd_bus_message *reply, const SnapshotLevel *level) {
        return sd_bus_message_append(reply,
                                     "(sstttttt)",
                                     level->control_group,
                                     level->unit,
                                     level->level.max,
                                     level->level.high,
                                     level->level.usage,
                                     level->level.working_set,
                                     level->level.available,
                                     level->swap_usage);
}

static int method_get_chain(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Snapshot *snapshot = userdata;
        int r;

        (void) error;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(sstttttt)");
        for (size_t i = 0; r >= 0 && i < snapshot->n_levels; i++)
                r = append_level(reply, &snapshot->levels[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

static int append_statistic(sd_bus_message *reply, const KeyedLine *line) {
        g_autofree char *key = g_strndup(line->key, line->length);
        _cleanup_free_ char *shown = display_text(key);

        return shown ? sd_bus_message_append(reply, "{st}", shown, line->value) : -ENOMEM;
}

static int method_get_statistics(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Snapshot *snapshot = userdata;
        const char *cursor = snapshot->statistics;
        KeyedLine line;
        int r;

        (void) error;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{st}");
        while (r >= 0 && keyed_next(&cursor, &line) > 0)
                r = append_statistic(reply, &line);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r < 0)
                return r;

        return sd_bus_send(NULL, reply, NULL);
}

#define SIGNATURE_TEXT "s"
#define SIGNATURE_LIMIT "t"
#define SIGNATURE_MEASURE "t"
#define SIGNATURE_FLAG "b"
#define SIGNATURE_PRESSURE "(dddt)"
#define GETTER_TEXT NULL
#define GETTER_LIMIT NULL
#define GETTER_MEASURE NULL
#define GETTER_FLAG NULL
#define GETTER_PRESSURE property_get_pressure

/* Figures change all the time and say nothing when they do: no flag, so that clients do not keep them. */
#define PROPERTY(name, kind, member) \
        SD_BUS_PROPERTY(name, SIGNATURE_##kind, GETTER_##kind, offsetof(Snapshot, member), 0),

static const sd_bus_vtable unit_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("GetChain",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sstttttt)", chain),
                                method_get_chain,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetStatistics",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a{st}", statistics),
                                method_get_statistics,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SNAPSHOT_PROPERTIES(PROPERTY) SD_BUS_VTABLE_END,
};

/* Whether a call is one that a snapshot answers, with the arguments that it takes. For all others it is
 * enough that the object exists. */
static bool needs_snapshot(sd_bus_message *message) {
        static const struct {
                const char *interface;
                const char *member;
                const char *signature;
        } calls[] = {
                { MYMEM_UNIT_INTERFACE, "GetChain", "" },
                { MYMEM_UNIT_INTERFACE, "GetStatistics", "" },
                { "org.freedesktop.DBus.Properties", "Get", "ss" },
                { "org.freedesktop.DBus.Properties", "GetAll", "s" },
        };
        const char *interface = sd_bus_message_get_interface(message);

        for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
                if ((!interface || strcmp(interface, calls[i].interface) == 0) &&
                    strcmp(sd_bus_message_get_member(message), calls[i].member) == 0)
                        return sd_bus_message_has_signature(message, calls[i].signature);

        return false;
}

bool unit_needs_caller(sd_bus_message *message) {
        return strcmp(sd_bus_message_get_path(message), MYMEM_SELF_PATH) == 0 && needs_snapshot(message);
}

/* Opens the group that an object shows. Returns 1, 0 if there is no such object, or an error. */
static int open_object(Service *service, const char *object_path, Subject *ret) {
        _cleanup_(subject_done) Subject subject = { 0 };
        _cleanup_free_ char *path = NULL;
        int r;

        r = label_to_control_group(object_path, &path);
        if (r <= 0)
                return r;
        r = subject_open_group(service->machine, path, &subject);
        if (r == -ENOENT || r == -ENODATA)
                return 0;
        if (r < 0)
                return r;
        /* A group without memory files has no object, but an ancestor's figures. */
        if (strcmp(subject.chain.groups[0].path, path) != 0)
                return 0;

        *ret = subject;
        subject = (Subject) { 0 };
        return 1;
}

static int open_self(Service *service, Subject *ret) {
        int r;

        r = service_open_caller(service, ret);
        return r < 0 ? r : 1;
}

/* Where no snapshot is needed no member is called; a vtable must have something to point into all the same.
 */
static char no_text[] = "";
static Snapshot no_snapshot = {
        .id = no_text,
        .system_unit = no_text,
        .slice = no_text,
        .control_group = no_text,
        .limit_by = no_text,
        .high_limit_by = no_text,
        .swap_limit_by = no_text,
        .available_by = no_text,
        .statistics = no_text,
};

/* Finds what an object shows, once for each message, whichever of its members is asked for. */
static int find_object(sd_bus *bus,
                       Service *service,
                       const char *path,
                       bool is_self,
                       void **ret_found,
                       sd_bus_error *error) {
        _cleanup_(subject_done) Subject subject = { 0 };
        sd_bus_message *message = sd_bus_get_current_message(bus);
        bool is_needed = message && needs_snapshot(message);
        int r;

        if (!service->is_absent && !service->snapshot && (is_needed || !is_self)) {
                r = is_self ? open_self(service, &subject) : open_object(service, path, &subject);
                service->is_absent = r == 0;
                if (r > 0 && is_needed)
                        r = snapshot_take(service->machine, &subject, &service->snapshot);
                if (r >= 0 && service->snapshot && is_self)
                        r = veil_snapshot(service->caller, &subject, service->snapshot);
                if (r < 0) {
                        veil_failure(service->caller, service->machine);
                        return failure_set_error(service->machine, r, error);
                }
        }

        if (service->is_absent)
                return 0;

        *ret_found = is_needed ? service->snapshot : &no_snapshot;
        return 1;
}

static int find_unit(sd_bus *bus,
                     const char *path,
                     const char *interface,
                     void *userdata,
                     void **ret_found,
                     sd_bus_error *error) {
        (void) interface;

        return find_object(bus, userdata, path, false, ret_found, error);
}

static int find_self(sd_bus *bus,
                     const char *path,
                     const char *interface,
                     void *userdata,
                     void **ret_found,
                     sd_bus_error *error) {
        (void) interface;

        return strcmp(path, MYMEM_SELF_PATH) == 0 ?
                find_object(bus, userdata, path, true, ret_found, error) :
                0;
}

/* The objects directly below one; sd-bus frees the array and the strings in it. */
static int enumerate(
        sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *error) {
        _cleanup_(children_free) char **names = NULL;
        _cleanup_(subject_done) Subject subject = { 0 };
        Service *service = userdata;
        int r;

        (void) bus;

        r = open_object(service, prefix, &subject);
        if (r == 0)
                return 0;
        if (r > 0)
                r = children_read(service->machine, subject_group(&subject), &names);
        for (char **name = names; r >= 0 && name && *name; name++) {
                _cleanup_free_ char *component = *name;

                r = sd_bus_path_encode(prefix, component, name);
                if (r < 0)
                        *name = NULL; /* the rest is lost, but we are out of memory */
        }
        if (r < 0)
                return failure_set_error(service->machine, r, error);

        *ret_nodes = take_ptr(&names);
        return 1;
}

int unit_attach_self(Service *service, sd_bus *bus) {
        assert(service);
        assert(bus);

        return sd_bus_add_fallback_vtable(
                bus, NULL, MYMEM_SELF_PATH, MYMEM_UNIT_INTERFACE, unit_vtable, find_self, service);
}

int unit_attach_tree(Service *service, sd_bus *bus) {
        int r;

        assert(service);
        assert(bus);

        r = sd_bus_add_fallback_vtable(
                bus, NULL, MYMEM_UNIT_PATH, MYMEM_UNIT_INTERFACE, unit_vtable, find_unit, service);
        return r < 0 ? r : sd_bus_add_node_enumerator(bus, NULL, MYMEM_UNIT_PATH, enumerate, service);
}
