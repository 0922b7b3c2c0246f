/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <glib.h>
#include <systemd/sd-bus.h>

#include "ask.h"
#include "cleanup.h"
#include "names.h"
#include "property.h"

#define ASK_TIMEOUT_USEC UINT64_C(1000000)

/* Errors that are the service's answer; after any other, nobody answered. */
static const struct {
        const char *name;
        int r;
} final_errors[] = {
        { MYMEM_ERROR_NO_SUCH_PROCESS, -ESRCH },
        { MYMEM_ERROR_NO_SUCH_UNIT, -ENOENT },
        { MYMEM_ERROR_UNIT_VANISHED, -ENODEV },
};

typedef struct Question {
        sd_bus *bus;
        uint64_t deadline_usec;
        char *message; /* the service's sentence, after its final error */
} Question;

static int on_reply(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        sd_bus_message **reply = userdata;

        (void) error;

        *reply = sd_bus_message_ref(message);
        return 1;
}

/* Turns the connection over until the reply is there or the time is up. sd_bus_call() would wait without
 * bound for a peer that accepts the connection and then says nothing. */
static int wait_for_reply(const Question *question, sd_bus_message **reply) {
        while (!*reply) {
                uint64_t now;
                int r;

                r = sd_bus_process(question->bus, NULL);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;

                now = machine_now_usec();
                if (now >= question->deadline_usec)
                        return -ETIMEDOUT;
                r = sd_bus_wait(question->bus, question->deadline_usec - now);
                if (r < 0 && r != -EINTR)
                        return r;
        }

        return 0;
}

/* Returns 1 with a reply that is no error, 0 if nobody answered, or the service's final error. */
static int call(Question *question, sd_bus_message *message, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;

        if (sd_bus_call_async(question->bus, &slot, message, on_reply, &reply, ASK_TIMEOUT_USEC) < 0 ||
            wait_for_reply(question, &reply) < 0)
                return 0;

        for (size_t i = 0; i < G_N_ELEMENTS(final_errors); i++)
                if (sd_bus_message_is_method_error(reply, final_errors[i].name)) {
                        question->message = g_strdup(sd_bus_message_get_error(reply)->message);
                        return final_errors[i].r;
                }
        if (sd_bus_message_is_method_error(reply, NULL))
                return 0;

        *ret = take_ptr(&reply);
        return 1;
}

/* Finds the object of the target, and its unit: on v1 a user's unit has its own name, but the figures of the
 * group of its manager. Leaves the unit alone for oneself, whose object knows it. */
static int find_object(Question *question, const Target *target, char **ret, char **ret_unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        static const char *const members[] = {
                [TARGET_PROCESS] = "GetUnitByPID",
                [TARGET_CONTROL_GROUP] = "GetUnitByControlGroup",
                [TARGET_UNIT] = "GetUnitByName",
        };
        const char *unit, *path;
        int r;

        if (target->kind == TARGET_SELF) {
                *ret = g_strdup(MYMEM_SELF_PATH);
                return 1;
        }

        r = sd_bus_message_new_method_call(question->bus,
                                           &message,
                                           MYMEM_BUS_NAME,
                                           MYMEM_MANAGER_PATH,
                                           MYMEM_MANAGER_INTERFACE,
                                           members[target->kind]);
        if (r >= 0)
                r = target->kind == TARGET_PROCESS ? sd_bus_message_append(message, "u", target->pid) :
                                                     sd_bus_message_append(message, "s", target->name);
        if (r < 0)
                return 0; /* a name that is no text cannot be asked for */

        r = call(question, message, &reply);
        if (r <= 0)
                return r;
        if (sd_bus_message_read(reply, "so", &unit, &path) < 0)
                return 0;

        *ret = g_strdup(path);
        *ret_unit = g_strdup(unit);
        return 1;
}

static int read_value(sd_bus_message *reply, const Property *property, Snapshot *snapshot) {
        void *value = (char *) snapshot + property->offset;
        PressureLine *line = value;
        const char *text;
        int r;

        switch (property->kind) {
        case PROPERTY_TEXT:
                r = sd_bus_message_read(reply, "v", "s", &text);
                if (r >= 0) {
                        free(*(char **) value);
                        *(char **) value = g_strdup(text);
                }
                return r;
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
                g_assert_not_reached();
        }
}

/* Fills a snapshot from the reply to GetAll. A service that is older or newer may lack or add properties,
 * but without all that we know of it is no answer. */
static int read_properties(sd_bus_message *reply, Snapshot *snapshot) {
        size_t n_read = 0;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;

        while ((r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
                const Property *property;
                const char *name;

                r = sd_bus_message_read(reply, "s", &name);
                if (r < 0)
                        return r;
                property = property_find(name);
                r = property ? read_value(reply, property, snapshot) : sd_bus_message_skip(reply, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
                if (r < 0)
                        return r;
                n_read += property != NULL;
        }
        if (r < 0)
                return r;

        return n_read == n_properties ? 0 : -EBADMSG;
}

static int get_all(Question *question, const char *path, Snapshot **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL, *reply = NULL;
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                question->bus, &message, MYMEM_BUS_NAME, path, "org.freedesktop.DBus.Properties", "GetAll");
        if (r >= 0)
                r = sd_bus_message_append(message, "s", MYMEM_UNIT_INTERFACE);
        if (r < 0)
                return 0;

        r = call(question, message, &reply);
        if (r <= 0)
                return r;

        snapshot = calloc(1, sizeof(*snapshot));
        if (!snapshot || read_properties(reply, snapshot) < 0)
                return 0;

        *ret = take_ptr(&snapshot);
        return 1;
}

int ask_snapshot(const Target *target, Snapshot **ret, char **ret_message) {
        /* Closed without flushing: that would wait for a peer that does not read. */
        _cleanup_(sd_bus_close_unrefp) sd_bus *bus = NULL;
        g_autofree char *path = NULL, *unit = NULL;
        Question question;
        int r;

        if (sd_bus_open_system(&bus) < 0)
                return 0;

        question = (Question) { bus, machine_now_usec() + ASK_TIMEOUT_USEC, NULL };
        r = find_object(&question, target, &path, &unit);
        if (r > 0)
                r = get_all(&question, path, ret);
        if (r > 0 && unit) {
                free((*ret)->id);
                (*ret)->id = g_steal_pointer(&unit);
        }
        if (r < 0)
                *ret_message = question.message;

        return r;
}
