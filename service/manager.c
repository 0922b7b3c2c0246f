/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "caller.h"
#include "cleanup.h"
#include "failure-reply.h"
#include "manager.h"
#include "names.h"
#include "readings.h"
#include "service.h"
#include "tell.h"
#include "veil.h"
#include "walks.h"

static int tell_caller(Service *service, sd_bus_message *message, Tell tell) {
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        r = service_open_caller(service, &subject);
        return r < 0 ? r : tell(service, message, &subject);
}

static int tell_process(Service *service, sd_bus_message *message, const Process *process, Tell tell) {
        _cleanup_(subject_done) Subject subject = { 0 };
        int r;

        r = subject_open_process(service->machine, process, &subject);
        return r < 0 ? r : tell(service, message, &subject);
}

static int tell_pid(Service *service, sd_bus_message *message, Tell tell) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        uint32_t pid;
        int r;

        r = sd_bus_message_read(message, "u", &pid);
        if (r < 0)
                return r;
        if (pid == 0)
                return tell_caller(service, message, tell);

        /* The number must mean the same process to the caller as to us. */
        if (!service->caller || service->caller->r < 0)
                return tell_caller(service, message, tell);
        if (!service->sees_processes)
                return -ERROR_HIDDEN;
        r = caller_look_up_namespace(service->caller, service->machine);
        if (r < 0)
                return machine_blame(service->machine, r, "the caller");
        if (service->caller->in_namespace)
                return -ERROR_NOT_SUPPORTED;

        r = process_open(service->machine, pid, &process);
        return r < 0 ? r : tell_process(service, message, &process, tell);
}

static int tell_pidfd(Service *service, sd_bus_message *message, Tell tell) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        int pidfd, r;

        r = sd_bus_message_read(message, "h", &pidfd);
        if (r < 0)
                return r;
        if (!service->sees_processes)
                return -ERROR_HIDDEN;

        r = process_open_pidfd(service->machine, pidfd, &process);
        return r < 0 ? r : tell_process(service, message, &process, tell);
}

/* Ends a handler: an error becomes the typed one. */
static int finish(Service *service, int r, sd_bus_error *error) {
        if (r >= 0)
                return r;

        veil_failure(service->caller, service->machine);
        return failure_set_error(service->machine, r, error);
}

/* The call that most make, and some again and again: see readings.h. */
static int tell_own_memory(Service *service, sd_bus_message *message) {
        _cleanup_(subject_done) Subject subject = { 0 };
        Figures figures;
        int r;

        if (service->caller && readings_read(service->readings, service->machine, service->caller, &figures))
                return tell_figures(message, &figures);

        r = service_open_caller(service, &subject);
        if (r >= 0)
                r = tell_memory(service, message, &subject);
        if (r >= 0)
                readings_keep(service->readings, service->caller, &subject);
        return r;
}

static int method_get_memory(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_own_memory(service, message), error);
}

static int method_get_available(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_caller(service, message, tell_available), error);
}

static int method_get_unit(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_caller(service, message, tell_unit), error);
}

static int method_open_memory(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_caller(service, message, tell_opened), error);
}

static int method_get_memory_by_pid(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_pid(service, message, tell_memory), error);
}

static int method_get_unit_by_pid(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_pid(service, message, tell_unit), error);
}

static int method_get_memory_by_pidfd(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_pidfd(service, message, tell_memory), error);
}

static int method_get_unit_by_pidfd(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, tell_pidfd(service, message, tell_unit), error);
}

static int method_get_unit_by_control_group(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        _cleanup_(subject_done) Subject subject = { 0 };
        Service *service = userdata;
        const char *path;
        int r;

        r = sd_bus_message_read(message, "s", &path);
        if (r >= 0)
                r = subject_open_group(service->machine, path, &subject);
        if (r >= 0)
                r = tell_unit(service, message, &subject);
        return finish(service, r, error);
}

/* Tells of a unit that was looked for; -ENOENT, if it has gone since it was found, is for the caller to
 * handle. */
static int tell_found(Service *service, sd_bus_message *message, int r, const char *path, Tell tell) {
        _cleanup_(subject_done) Subject subject = { 0 };

        if (r >= 0) {
                r = subject_open_unit(service->machine, path, &subject);
                if (r == -ENOENT)
                        return r;
        }
        if (r >= 0)
                r = tell(service, message, &subject);
        return r < 0 ? failure_reply(service->machine, r, message) : r;
}

static int found_for_memory(Service *service, sd_bus_message *message, int r, const char *path) {
        return tell_found(service, message, r, path, tell_memory);
}

static int found_for_unit(Service *service, sd_bus_message *message, int r, const char *path) {
        return tell_found(service, message, r, path, tell_unit);
}

static int find_unit(sd_bus_message *message, Service *service, WalksFound found, sd_bus_error *error) {
        const char *name;
        int r;

        r = sd_bus_message_read(message, "s", &name);
        if (r >= 0)
                r = walks_find(service->walks, message, name, found);
        return finish(service, r, error);
}

static int method_get_memory_by_unit(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        return find_unit(message, userdata, found_for_memory, error);
}

static int method_get_unit_by_name(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        return find_unit(message, userdata, found_for_unit, error);
}

static int method_list_units(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        Service *service = userdata;

        return finish(service, walks_list(service->walks, message), error);
}

static int property_get_version(sd_bus *bus,
                                const char *path,
                                const char *interface,
                                const char *property,
                                sd_bus_message *reply,
                                void *userdata,
                                sd_bus_error *error) {
        (void) bus, (void) path, (void) interface, (void) property, (void) userdata, (void) error;

        return sd_bus_message_append(reply, "s", MYMEM_VERSION);
}

static int property_get_control_group_mode(sd_bus *bus,
                                           const char *path,
                                           const char *interface,
                                           const char *property,
                                           sd_bus_message *reply,
                                           void *userdata,
                                           sd_bus_error *error) {
        Service *service = userdata;

        (void) bus, (void) path, (void) interface, (void) property, (void) error;

        return sd_bus_message_append(reply, "s", machine_mode_to_string(machine_mode(service->machine)));
}

static int property_get_physical_memory(sd_bus *bus,
                                        const char *path,
                                        const char *interface,
                                        const char *property,
                                        sd_bus_message *reply,
                                        void *userdata,
                                        sd_bus_error *error) {
        Service *service = userdata;
        uint64_t physical;

        (void) bus, (void) path, (void) interface, (void) property, (void) error;

        /* A getter that fails takes GetAll with it: what was read last is true still. */
        if (machine_physical_memory(service->machine, &physical) < 0)
                physical = service->machine->meminfo.total;
        return sd_bus_message_append(reply, "t", physical);
}

/* What speaks of the caller's own unit. Without the flag sd-bus asks the driver for the caller's privileges,
 * and waits for it. */
#define OWN_METHODS                                                                            \
        SD_BUS_METHOD_WITH_ARGS("GetMemory",                                                   \
                                SD_BUS_NO_ARGS,                                                \
                                SD_BUS_RESULT("t", limit, "t", usage, "t", working_set),       \
                                method_get_memory,                                             \
                                SD_BUS_VTABLE_UNPRIVILEGED),                                   \
                SD_BUS_METHOD_WITH_ARGS("GetAvailable",                                        \
                                        SD_BUS_NO_ARGS,                                        \
                                        SD_BUS_RESULT("t", available, "s", by),                \
                                        method_get_available,                                  \
                                        SD_BUS_VTABLE_UNPRIVILEGED),                           \
                SD_BUS_METHOD_WITH_ARGS("GetUnit",                                             \
                                        SD_BUS_NO_ARGS,                                        \
                                        SD_BUS_RESULT("s", unit, "o", path),                   \
                                        method_get_unit,                                       \
                                        SD_BUS_VTABLE_UNPRIVILEGED),                           \
                SD_BUS_METHOD_WITH_ARGS("OpenMemory",                                          \
                                        SD_BUS_NO_ARGS,                                        \
                                        SD_BUS_RESULT("s", control_group, "a(stthh)", groups), \
                                        method_open_memory,                                    \
                                        SD_BUS_VTABLE_UNPRIVILEGED)

const sd_bus_vtable manager_own_vtable[] = { SD_BUS_VTABLE_START(0), OWN_METHODS, SD_BUS_VTABLE_END };

const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        OWN_METHODS,
        SD_BUS_METHOD_WITH_ARGS("GetMemoryByPID",
                                SD_BUS_ARGS("u", pid),
                                SD_BUS_RESULT("t", limit, "t", usage, "t", working_set),
                                method_get_memory_by_pid,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetMemoryByPIDFD",
                                SD_BUS_ARGS("h", pidfd),
                                SD_BUS_RESULT("t", limit, "t", usage, "t", working_set),
                                method_get_memory_by_pidfd,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetMemoryByUnit",
                                SD_BUS_ARGS("s", name),
                                SD_BUS_RESULT("t", limit, "t", usage, "t", working_set),
                                method_get_memory_by_unit,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetUnitByPID",
                                SD_BUS_ARGS("u", pid),
                                SD_BUS_RESULT("s", unit, "o", path),
                                method_get_unit_by_pid,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetUnitByPIDFD",
                                SD_BUS_ARGS("h", pidfd),
                                SD_BUS_RESULT("s", unit, "o", path),
                                method_get_unit_by_pidfd,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetUnitByName",
                                SD_BUS_ARGS("s", name),
                                SD_BUS_RESULT("s", unit, "o", path),
                                method_get_unit_by_name,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("GetUnitByControlGroup",
                                SD_BUS_ARGS("s", control_group),
                                SD_BUS_RESULT("s", unit, "o", path),
                                method_get_unit_by_control_group,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD_WITH_ARGS("ListUnits",
                                SD_BUS_NO_ARGS,
                                SD_BUS_RESULT("a(sotttt)", units),
                                method_list_units,
                                SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("Version", "s", property_get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY(
                "ControlGroupMode", "s", property_get_control_group_mode, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("PhysicalMemory", "t", property_get_physical_memory, 0, 0),
        SD_BUS_VTABLE_END,
};

/* What waits for a walk waits in the name of a user. */
bool manager_needs_caller(sd_bus_message *message) {
        static const struct {
                const char *member;
                const char *signature;
        } calls[] = {
                { "GetMemory", "" },        { "GetAvailable", "" },  { "GetUnit", "" },
                { "OpenMemory", "" },       { "ListUnits", "" },     { "GetMemoryByPID", "u" },
                { "GetMemoryByUnit", "s" }, { "GetUnitByPID", "u" }, { "GetUnitByName", "s" },
        };

        if (strcmp(sd_bus_message_get_path(message), MYMEM_MANAGER_PATH) != 0)
                return false;

        for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
                if (strcmp(sd_bus_message_get_member(message), calls[i].member) == 0)
                        return sd_bus_message_has_signature(message, calls[i].signature);

        return false;
}
