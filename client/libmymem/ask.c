/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "ask.h"
#include "cleanup.h"
#include "display.h"
#include "names.h"
#include "property.h"
#include "refusal.h"
#include "size.h"

/* Without these a snapshot is of no use to anybody. */
static const char *const essentials[] = {
        "Id", "ControlGroup", "Limit", "Usage", "WorkingSet", "Available", "AvailableBy",
};

int ask_call(Connection *connection, sd_bus_message *message, Asked *asked, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const sd_bus_error *error;
        bool is_final;
        int r;

        if (connection_call(connection, message, &reply) < 0)
                return 0;

        error = sd_bus_message_get_error(reply);
        if (!error) {
                *ret = take_ptr(&reply);
                return 1;
        }

        r = refusal_from_error(error->name, &is_final);
        if (r < 0) {
                asked->refusal = r;
                free(asked->sentence);
                asked->sentence = error->message ? display_text(error->message) : NULL;
        }

        return is_final ? r : 0;
}

/* Appends whom the call is about; a name that is no text cannot be asked for. */
static int append_target(Connection *connection, sd_bus_message *message, const Target *target) {
        int r;

        if (target->kind == TARGET_PROCESS)
                return sd_bus_message_append(message, "u", target->pid);
        if (target->kind != TARGET_DESCRIPTOR)
                return sd_bus_message_append(message, "s", target->name);

        r = connection_wait_ready(connection);
        return r < 0 ? r : sd_bus_message_append(message, "h", target->pidfd);
}

/* Finds the object of the target, and its unit: on v1 a user's unit has its own name, but the figures of the
 * group of its manager. Leaves the unit alone for oneself, whose object knows it. */
static int find_object(
        Connection *connection, const Target *target, Asked *asked, char **ret, char **ret_unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        static const char *const members[] = {
                [TARGET_PROCESS] = "GetUnitByPID",
                [TARGET_DESCRIPTOR] = "GetUnitByPIDFD",
                [TARGET_CONTROL_GROUP] = "GetUnitByControlGroup",
                [TARGET_UNIT] = "GetUnitByName",
        };
        _cleanup_free_ char *owned_path = NULL;
        const char *unit, *path = MYMEM_SELF_PATH;
        int r;

        if (target->kind != TARGET_SELF) {
                r = connection_new_call(connection,
                                        MYMEM_MANAGER_PATH,
                                        MYMEM_MANAGER_INTERFACE,
                                        members[target->kind],
                                        &message);
                if (r >= 0)
                        r = append_target(connection, message, target);
                if (r < 0)
                        return 0;

                r = ask_call(connection, message, asked, &reply);
                if (r <= 0)
                        return r;
                if (sd_bus_message_read(reply, "so", &unit, &path) < 0)
                        return 0;

                *ret_unit = display_text(unit);
                if (!*ret_unit)
                        return 0;
        }

        owned_path = strdup(path);
        if (!owned_path)
                return 0;

        *ret = take_ptr(&owned_path);
        return 1;
}

static int read_text(sd_bus_message *reply, char **value) {
        const char *text;
        char *copy;
        int r;

        r = sd_bus_message_read(reply, "v", "s", &text);
        if (r < 0)
                return r;

        /* Whoever answers elsewhere may not be the service: what is shown holds nothing that could do more
         * than be shown. */
        copy = display_text(text);
        if (!copy)
                return -ENOMEM;
        free(*value);
        *value = copy;
        return r;
}

static int read_value(sd_bus_message *reply, const Property *property, Snapshot *snapshot) {
        void *value = (char *) snapshot + property->offset;
        PressureLine *line = value;

        switch (property->kind) {
        case PROPERTY_TEXT:
                return read_text(reply, value);
        case PROPERTY_LIMIT:
        case PROPERTY_MEASURE:
                return sd_bus_message_read(reply, "v", "t", value);
        case PROPERTY_FLAG:
                return sd_bus_message_read(reply, "v", "b", value);
        case PROPERTY_PRESSURE:
                return sd_bus_message_read(reply,
                                           "v",
                                           "(dddt)",
                                           &line->average10,
                                           &line->average60,
                                           &line->average300,
                                           &line->total);
        default:
                return -EBADMSG;
        }
}

/* Reads what follows the name of a property. Returns which one it is, as a bit; 0 for one that we do not
 * know, or know as of another type. */
static int read_property(sd_bus_message *reply, const char *name, Snapshot *snapshot, uint64_t *ret) {
        const Property *property = property_find(name);
        int r = -ENXIO;

        if (property)
                r = read_value(reply, property, snapshot);
        *ret = r >= 0 ? UINT64_C(1) << (property - properties) : 0;

        return r == -ENXIO ? sd_bus_message_skip(reply, "v") : r;
}

/* Fills a snapshot from the reply to GetAll, and says what was in it. */
static int read_properties(sd_bus_message *reply, Snapshot *snapshot, uint64_t *ret) {
        uint64_t all = 0, one;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                const char *name;

                r = sd_bus_message_read(reply, "s", &name);
                if (r >= 0)
                        r = read_property(reply, name, snapshot, &one);
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
                if (r < 0)
                        return r;
                all |= one;
        }

        *ret = all;
        return r;
}

static uint64_t needed_properties(AskNeeds needs) {
        uint64_t needed = 0;

        if (needs != ASK_ESSENTIALS)
                return (UINT64_C(1) << n_properties) - 1;

        for (size_t i = 0; i < sizeof(essentials) / sizeof(*essentials); i++)
                needed |= UINT64_C(1) << (property_find(essentials[i]) - properties);
        return needed;
}

int ask_new_get_all(Connection *connection, const char *path, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        int r;

        assert(connection);
        assert(path);
        assert(ret);

        r = connection_new_call(connection, path, "org.freedesktop.DBus.Properties", "GetAll", &message);
        if (r >= 0)
                r = sd_bus_message_append(message, "s", MYMEM_UNIT_INTERFACE);
        if (r < 0)
                return r;

        *ret = take_ptr(&message);
        return 0;
}

Snapshot *ask_read_all(sd_bus_message *reply, AskNeeds needs) {
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        uint64_t needed = needed_properties(needs), known;

        assert(reply);

        snapshot = property_new_snapshot();
        if (!snapshot || read_properties(reply, snapshot, &known) < 0)
                return NULL;
        /* The limit is always known: anything else is no answer either. */
        if ((known & needed) != needed || snapshot->limit == SIZE_UNLIMITED)
                return NULL;

        return take_ptr(&snapshot);
}

int ask_get_all(Connection *connection, const char *path, AskNeeds needs, Asked *asked) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        int r;

        r = ask_new_get_all(connection, path, &message);
        if (r < 0)
                return 0;

        r = ask_call(connection, message, asked, &reply);
        if (r <= 0)
                return r;

        asked->snapshot = ask_read_all(reply, needs);
        return asked->snapshot ? 1 : 0;
}

static int read_level(sd_bus_message *reply, SnapshotLevel *ret) {
        const char *control_group, *unit;
        SnapshotLevel level = { 0 };
        int r;

        r = sd_bus_message_read(reply,
                                "(sstttttt)",
                                &control_group,
                                &unit,
                                &level.level.max,
                                &level.level.high,
                                &level.level.usage,
                                &level.level.working_set,
                                &level.level.available,
                                &level.swap_usage);
        if (r <= 0)
                return r;

        level.control_group = display_text(control_group);
        level.unit = display_text(unit);
        *ret = level;
        return level.control_group && level.unit ? 1 : -ENOMEM;
}

static int read_levels(sd_bus_message *reply, Snapshot *snapshot) {
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "(sstttttt)");
        while (r >= 0) {
                SnapshotLevel *levels;

                levels = reallocarray(snapshot->levels, snapshot->n_levels + 1, sizeof(*levels));
                if (!levels)
                        return -ENOMEM;
                snapshot->levels = levels;

                levels[snapshot->n_levels] = (SnapshotLevel) { 0 };
                r = read_level(reply, &levels[snapshot->n_levels]);
                if (r == 0)
                        return snapshot->n_levels > 0 ? 0 : -EBADMSG;
                snapshot->n_levels++; /* also what is half built is freed with the rest */
        }

        return r;
}

static int get_chain(Connection *connection, const char *path, Asked *asked) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        int r;

        r = connection_new_call(connection, path, MYMEM_UNIT_INTERFACE, "GetChain", &message);
        if (r < 0)
                return 0;

        r = ask_call(connection, message, asked, &reply);
        if (r <= 0)
                return r;

        return read_levels(reply, asked->snapshot) < 0 ? 0 : 1;
}

int ask_over(Connection *connection, const Target *target, AskNeeds needs, Asked *ret) {
        _cleanup_free_ char *path = NULL, *unit = NULL;
        int r;

        assert(connection);
        assert(target);
        assert(ret);

        r = find_object(connection, target, ret, &path, &unit);
        if (r > 0)
                r = ask_get_all(connection, path, needs, ret);
        if (r > 0 && needs == ASK_CHAIN)
                r = get_chain(connection, path, ret);
        if (r > 0 && unit) {
                free(ret->snapshot->id);
                ret->snapshot->id = take_ptr(&unit);
        }
        if (r <= 0)
                ret->snapshot = snapshot_free(ret->snapshot);

        ret->source = connection->source;
        return r;
}

/* Where the service may be asked, and how long. Others are asked about on the bus alone. */
static const struct {
        enum mymem_source source;
        uint64_t usec;
} places[] = {
        { MYMEM_SOURCE_SOCKET, ASK_SOCKET_USEC },
        { MYMEM_SOURCE_BUS, ASK_BUS_USEC },
};

int ask_in_way(AskWay *way, const Target *target, AskNeeds needs, Asked *ret) {
        uint64_t now = machine_now_usec();
        Asked asked = { 0 };
        int r = 0;

        assert(way);
        assert(target);
        assert(ret);

        for (size_t i = target->kind != TARGET_SELF; r == 0 && i < sizeof(places) / sizeof(*places); i++) {
                _cleanup_(connection_done) Connection connection = { 0 };

                if (connection_open(places[i].source, now + places[i].usec, &connection) >= 0)
                        r = way(&connection, target, needs, &asked);
        }

        *ret = asked;
        return r;
}

int ask_snapshot(const Target *target, AskNeeds needs, Asked *ret) {
        return ask_in_way(ask_over, target, needs, ret);
}

void asked_done(Asked *asked) {
        assert(asked);

        snapshot_free(asked->snapshot);
        free(asked->sentence);
        *asked = (Asked) { 0 };
}
