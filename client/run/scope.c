/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <systemd/sd-bus.h>

#include "cleanup.h"
#include "machine.h"
#include "scope.h"
#include "setting.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"
#define TIMEOUT_USEC UINT64_C(10000000)

/* The job that makes the scope, and what became of it. */
typedef struct Job {
        const char *path;
        char *result;
} Job;

/* A user manager listens for its own user without any bus; not everybody has a bus of their own. */
static int connect_to_user_manager(sd_bus **ret) {
        _cleanup_(sd_bus_unrefp) sd_bus *bus = NULL;
        const char *directory = g_getenv("XDG_RUNTIME_DIR");
        g_autofree char *escaped = NULL, *address = NULL;
        int r;

        if (!directory)
                return sd_bus_open_user(ret);

        escaped = g_uri_escape_string(directory, "/_-.", FALSE);
        address = g_strdup_printf("unix:path=%s/systemd/private", escaped);
        r = sd_bus_new(&bus);
        if (r >= 0)
                r = sd_bus_set_address(bus, address);
        if (r >= 0)
                r = sd_bus_start(bus);
        if (r < 0)
                return sd_bus_open_user(ret);

        *ret = take_ptr(&bus);
        return 0;
}

/* Whether an error says that nobody is there, rather than that somebody says no. */
static gboolean is_absence(const sd_bus_error *error) {
        static const char *const names[] = {
                SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER, SD_BUS_ERROR_NO_REPLY,
                SD_BUS_ERROR_NO_SERVER,       SD_BUS_ERROR_DISCONNECTED,      SD_BUS_ERROR_TIMEOUT,
                "System.Error.ECONNRESET",    "System.Error.ENOTCONN",        "System.Error.ETIMEDOUT",
        };

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                if (sd_bus_error_has_name(error, names[i]))
                        return TRUE;

        return error->name && g_str_has_prefix(error->name, "org.freedesktop.DBus.Error.Spawn.");
}

static int append_processes(sd_bus_message *message, const ScopeRequest *request) {
        int r;

        r = sd_bus_message_open_container(message, 'r', "sv");
        if (r >= 0)
                r = sd_bus_message_append(message, "s", "PIDs");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'v', "au");
        if (r >= 0)
                r = sd_bus_message_open_container(message, 'a', "u");
        for (size_t i = 0; r >= 0 && i < request->n_pids; i++)
                r = sd_bus_message_append(message, "u", (guint32) request->pids[i]);
        for (size_t i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_close_container(message);

        return r;
}

static int append_properties(sd_bus_message *message, const ScopeRequest *request) {
        int r;

        r = sd_bus_message_open_container(message, 'a', "(sv)");
        if (r >= 0)
                r = sd_bus_message_append(message, "(sv)", "Description", "s", request->description);
        if (r >= 0)
                r = sd_bus_message_append(message, "(sv)", "MemoryAccounting", "b", 1);
        /* Nobody needs to know later that it failed, because we say it now. */
        if (r >= 0)
                r = sd_bus_message_append(message, "(sv)", "CollectMode", "s", "inactive-or-failed");
        for (guint i = 0; r >= 0 && i < request->settings->len; i++)
                r = setting_append(&g_array_index(request->settings, Setting, i), message);
        if (r >= 0)
                r = append_processes(message, request);
        if (r >= 0)
                r = sd_bus_message_close_container(message);

        return r;
}

static int new_call(sd_bus *bus, const ScopeRequest *request, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                bus, &message, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "StartTransientUnit");
        if (r >= 0)
                r = sd_bus_message_append(message, "ss", request->name, "fail");
        if (r >= 0)
                r = append_properties(message, request);
        if (r >= 0)
                r = sd_bus_message_append(message, "a(sa(sv))", 0);
        if (r < 0)
                return r;

        *ret = take_ptr(&message);
        return 0;
}

static int on_job_removed(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        const char *path, *result;
        Job *job = userdata;

        (void) error;

        if (sd_bus_message_read(message, "uoss", NULL, &path, NULL, &result) >= 0 && job->path &&
            g_str_equal(path, job->path) && !job->result)
                job->result = g_strdup(result);
        return 0;
}

static int await(sd_bus *bus, Job *job) {
        guint64 now = machine_now_usec(), deadline = now + TIMEOUT_USEC;
        int r;

        while (!job->result) {
                r = sd_bus_process(bus, NULL);
                if (r < 0)
                        return r;
                now = machine_now_usec();
                if (r > 0)
                        continue;
                if (now >= deadline)
                        return -ETIMEDOUT;
                r = sd_bus_wait(bus, deadline - now);
                if (r < 0 && r != -EINTR)
                        return r;
        }

        return 0;
}

static int ask(sd_bus *bus, const ScopeRequest *request, char **ret_message) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL, *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        g_autofree char *result = NULL;
        Job job = { 0 };
        int r;

        r = sd_bus_match_signal(
                bus, &slot, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "JobRemoved", on_job_removed, &job);
        if (r >= 0)
                r = new_call(bus, request, &call);
        if (r < 0)
                return -ENOTCONN;

        r = sd_bus_call(bus, call, TIMEOUT_USEC, &error, &reply);
        if (r < 0) {
                *ret_message = g_strdup(error.message ? error.message : g_strerror(-r));
                return is_absence(&error) ? -ENOTCONN : r;
        }

        r = sd_bus_message_read(reply, "o", &job.path);
        if (r >= 0)
                r = await(bus, &job);
        result = job.result;
        if (r < 0)
                return r;
        if (g_str_equal(result, "done"))
                return 0;

        *ret_message = g_strdup_printf("The job ended with \"%s\".", result);
        return -EPROTO;
}

int scope_make(const ScopeRequest *request, char **ret_message) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        char *message = NULL;
        int r;

        r = request->user ? connect_to_user_manager(&bus) : sd_bus_open_system(&bus);
        if (r < 0) {
                *ret_message = g_strdup(g_strerror(-r));
                return -ENOTCONN;
        }

        r = ask(bus, request, &message);
        if (r < 0)
                *ret_message = message ? message : g_strdup(g_strerror(-r));
        return r;
}
