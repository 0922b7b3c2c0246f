/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "ask.h"
#include "binder.h"
#include "cleanup.h"
#include "inquiry.h"
#include "label.h"
#include "metered.h"
#include "refusal.h"
#include "remote.h"
#include "survey.h"
#include "units.h"
#include "walk.h"

/* So many units are asked for at once: a host may be far away, and there may be ten thousand. */
#define SURVEY_CALLS_MAX 64
#define SURVEY_REPLY_USEC (25 * UINT64_C(1000000)) /* the longest between two replies */

static gboolean is_wanted(const Options *options, const char *control_group) {
        return options->user ? units_is_own(control_group) :
                               binder_manager(control_group, NULL) == BINDER_SYSTEM;
}

/* What is read here, of the units that are wanted. */
typedef struct Reading {
        const Options *options;
        GPtrArray *found;
} Reading;

static void add_unit(Machine *machine, const WalkGroup *group, void *userdata) {
        const Reading *reading = userdata;
        Metered *metered;

        if (!is_wanted(reading->options, group->path))
                return;
        metered = metered_from_walk(machine, group);
        if (metered)
                g_ptr_array_add(reading->found, metered);
}

/* Calls that are under way. */
typedef struct Calls {
        Connection *connection;
        GPtrArray *found;
        guint n;
        char *complaint; /* the first that is about more than one unit */
} Calls;

/* Whether it says no more than that the unit has gone since it was listed. */
static gboolean is_gone(const sd_bus_error *error) {
        bool is_final;

        return sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
                (refusal_from_error(error->name, &is_final) < 0 && is_final);
}

static int on_reply(sd_bus_message *reply, void *userdata, sd_bus_error *ignored) {
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        _cleanup_(snapshot_freep) Snapshot *snapshot = NULL;
        Calls *calls = userdata;

        (void) ignored;
        calls->n--;
        calls->connection->deadline_usec = machine_now_usec() + SURVEY_REPLY_USEC;
        if (error && is_gone(error))
                return 1;

        /* What another version does not tell there is no metric of. */
        snapshot = error ? NULL : ask_read_all(reply, ASK_ESSENTIALS);
        if (snapshot)
                g_ptr_array_add(calls->found, metered_from_snapshot(snapshot));
        else if (!calls->complaint)
                calls->complaint = g_strdup(error && error->message ? error->message : "It makes no sense.");
        return 1;
}

static int begin_call(Calls *calls, const Unit *unit) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        r = label_from_control_group(unit->control_group, &path);
        if (r >= 0)
                r = ask_new_get_all(calls->connection, path, &message);
        if (r >= 0)
                r = sd_bus_call_async(calls->connection->bus, NULL, message, on_reply, calls, UINT64_MAX);
        if (r >= 0)
                calls->n++;
        return r;
}

/* Asks for each that was listed. */
static int ask_each(const Options *options, Calls *calls, const GPtrArray *units) {
        guint next = 0;
        int r = 0;

        while (r >= 0 && !calls->complaint && (next < units->len || calls->n > 0)) {
                if (next == units->len || calls->n == SURVEY_CALLS_MAX) {
                        r = connection_turn(calls->connection);
                        continue;
                }

                const Unit *unit = g_ptr_array_index(units, next++);

                if (is_wanted(options, unit->control_group))
                        r = begin_call(calls, unit);
        }

        return calls->complaint ? -EIO : r;
}

/* Asks the service. Returns 1, 0 if it does not answer, or an error with a message. */
static int ask_all(const Options *options, GPtrArray *found, char **ret_message) {
        _cleanup_(connection_done) Connection connection = { 0 };
        Calls calls = { .connection = &connection, .found = found };
        g_autoptr(GPtrArray) units = NULL;
        int r;

        r = remote_open(options, &connection, ret_message);
        if (r < 0)
                return *ret_message ? r : 0;
        /* Here there is nothing else that one could do instead of waiting. */
        connection.deadline_usec = machine_now_usec() + SURVEY_REPLY_USEC;

        r = units_ask(&connection, &units);
        if (r > 0 && ask_each(options, &calls, units) < 0)
                r = 0;
        g_autofree char *complaint = calls.complaint;
        if (r > 0 || !remote_is_wanted(options))
                return r;

        *ret_message = g_strdup_printf("%s: %s",
                                       options->host ? options->host : options->machine,
                                       complaint ? complaint : "The service does not answer.");
        return -EIO;
}

int survey_make(const Options *options, GPtrArray **ret, char **ret_message) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(metered_free);
        g_autofree char *message = NULL;
        gboolean is_remote = remote_is_wanted(options);
        int r = -ENODATA, asked = 0;

        if (!is_remote)
                r = inquiry_walk_units(
                        options, WALK_UNITS, add_unit, &(Reading) { options, found }, &message);
        if (r < 0 && !options->direct && !options->sysroot) {
                g_ptr_array_set_size(found, 0);
                asked = ask_all(options, found, ret_message);
        }
        if (asked < 0)
                return asked;
        if (r < 0 && asked == 0) {
                *ret_message = g_steal_pointer(&message);
                return r;
        }

        *ret = g_steal_pointer(&found);
        return 0;
}
