/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/epoll.h>

#include "callers.h"
#include "cleanup.h"
#include "failure-reply.h"
#include "figures.h"
#include "handouts.h"
#include "hearing.h"
#include "label.h"
#include "manager.h"
#include "names.h"
#include "readings.h"
#include "service.h"
#include "unit.h"
#include "walks.h"

#define BUS_QUEUED_MAX 1024 /* messages */

void service_forget_message(Service *service) {
        assert(service);

        service->caller = caller_unref(service->caller);
        service->snapshot = snapshot_free(service->snapshot);
        service->is_absent = false;
}

void service_begin_work(Service *service) {
        service_forget_message(service);
        machine_begin(service->machine);
}

int service_begin_message(Service *service, sd_bus_message *message) {
        uint8_t type;
        int r;

        assert(service);
        assert(message);

        r = sd_bus_message_get_type(message, &type);
        if (r < 0)
                return r;

        service_begin_work(service);
        service->n_messages++;
        if (type != SD_BUS_MESSAGE_METHOD_CALL || !sd_bus_message_get_expect_reply(message))
                return 1;
        if (strlen(sd_bus_message_get_path(message)) > OBJECT_PATH_MAX)
                return sd_bus_reply_method_errorf(
                        message, SD_BUS_ERROR_UNKNOWN_OBJECT, "There is no object of that length.");

        return 0;
}

int service_check_arguments(sd_bus_message *message) {
        static const struct {
                const char *member;
                const char *signature;
        } calls[] = { { "Get", "ss" }, { "GetAll", "s" }, { "Set", "ssv" } };

        assert(message);

        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                if (sd_bus_message_is_method_call(
                            message, "org.freedesktop.DBus.Properties", calls[i].member) &&
                    !sd_bus_message_has_signature(message, calls[i].signature))
                        return sd_bus_reply_method_errorf(message,
                                                          SD_BUS_ERROR_INVALID_ARGS,
                                                          "The arguments of %s are of the types \"%s\".",
                                                          calls[i].member,
                                                          calls[i].signature);

        return 0;
}

int service_hear_bus(Service *service) {
        assert(service);
        assert(service->bus);

        callers_hear(service->callers);
        return service->hearing ? hearing_note(service->hearing) : 0;
}

/* What the bus does not take from us is ours to hold. Beyond that much nobody is answered: if it goes on, we
 * are not heard any more, and if not, a call without an answer may be made again. */
bool service_bus_is_congested(const Service *service) {
        uint64_t n = 0;

        assert(service);

        return sd_bus_get_n_queued_write(service->bus, &n) >= 0 && n > BUS_QUEUED_MAX;
}

/* Sees every message of the bus first. A call that needs its caller waits until that is known, without
 * anybody else waiting for it. */
static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        _cleanup_(caller_unrefp) Caller *caller = NULL;
        Service *service = userdata;
        uint8_t type;
        int r;

        (void) error;

        caller = callers_take(service->callers, message);
        r = service_hear_bus(service);
        if (r < 0)
                return r;
        r = sd_bus_message_get_type(message, &type);
        if (r < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return r;
        if (service_bus_is_congested(service))
                return 1;

        r = service_begin_message(service, message);
        if (r == 0)
                r = service_check_arguments(message);
        if (r != 0)
                return r;
        if (!manager_needs_caller(message) && !unit_needs_caller(message))
                return 0;

        r = caller ? 1 : callers_identify(service->callers, message, service->bus_message_size, &caller);
        service->caller = take_ptr(&caller);
        if (r < 0)
                return failure_reply(service->machine, r, message);

        return r == 0;
}

/* The kernel says that something was mounted or unmounted. */
static int on_mounts(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Service *service = userdata;

        (void) source;
        (void) fd;
        (void) events;

        readings_forget(service->readings);
        /* If that fails, what was mounted before is the best that is known. */
        (void) machine_refresh(service->machine);
        return 0;
}

static int watch_mounts(Service *service) {
        _cleanup_(sd_event_source_unrefp) sd_event_source *source = NULL;
        _cleanup_close_ int self_fd = -1, fd = -1;
        int r;

        self_fd = machine_open_self(service->machine);
        if (self_fd < 0)
                return self_fd;
        fd = openat(self_fd, "mountinfo", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;

        r = sd_event_add_io(service->event, &source, fd, EPOLLPRI, on_mounts, service);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(source, true);
        if (r < 0)
                return r;

        (void) take_fd(&fd);
        return sd_event_source_set_floating(source, true);
}

int service_new(sd_event *event, int root_fd, Service **ret) {
        Service *service;
        int r;

        assert(event);
        assert(ret);

        service = g_new0(Service, 1);
        service->event = sd_event_ref(event);
        *ret = service;

        r = machine_new(root_fd, &service->machine);
        if (r >= 0)
                r = machine_keep_fdinfo(service->machine);
        if (r >= 0)
                r = watch_mounts(service);
        if (r < 0)
                return r;

        service->readings = readings_new();
        service->walks = walks_new(service);
        service->handouts = handouts_new();
        return 0;
}

Service *service_free(Service *service) {
        if (!service)
                return NULL;

        service_detach(service);
        walks_free(service->walks);
        handouts_free(service->handouts);
        readings_free(service->readings);
        machine_free(service->machine);
        sd_event_unref(service->event);
        g_free(service);
        return NULL;
}

int service_attach(Service *service, sd_bus *bus) {
        int r;

        assert(service);
        assert(bus);

        service->bus = sd_bus_ref(bus);
        service->callers = callers_new(service->event, service->machine, bus);
        r = sd_bus_add_filter(bus, NULL, on_message, service);
        if (r >= 0)
                r = sd_bus_add_object_vtable(
                        bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, manager_vtable, service);
        if (r >= 0)
                r = unit_attach_self(service, bus);
        if (r >= 0)
                r = unit_attach_tree(service, bus);

        return r;
}

int service_watch_bus(Service *service, int fd, int (*lost)(void *userdata), void *userdata) {
        assert(service);
        assert(service->bus);

        service->hearing = hearing_new(service->event, service->bus, fd, lost, userdata);
        return service->hearing ? 0 : -ENOMEM;
}

void service_detach(Service *service) {
        assert(service);

        service_forget_message(service);
        service->hearing = hearing_free(service->hearing);
        service->callers = callers_free(service->callers);
        service->bus = sd_bus_unref(service->bus);
}

void service_yield_to_bus(Service *service) {
        uint64_t n = 0;

        assert(service);

        /* What fails fails again when the loop comes to it, and ends the connection then. */
        if (service->bus && sd_bus_get_n_queued_read(service->bus, &n) >= 0 && n > 0)
                (void) sd_bus_process(service->bus, NULL);
}

int service_attach_own(Service *service, sd_bus *bus) {
        int r;

        assert(service);
        assert(bus);

        r = sd_bus_add_object_vtable(
                bus, NULL, MYMEM_MANAGER_PATH, MYMEM_MANAGER_INTERFACE, manager_own_vtable, service);
        return r < 0 ? r : unit_attach_self(service, bus);
}

int service_open_caller(Service *service, Subject *ret) {
        assert(service);
        assert(ret);

        if (!service->sees_processes)
                return -ERROR_HIDDEN;
        if (!service->caller)
                return -ERROR_UNKNOWN_CALLER;
        if (service->caller->r < 0)
                return machine_blame(service->machine, service->caller->r, "the caller");

        return subject_open_process(service->machine, &service->caller->process, ret);
}

/* With hidepid= on /proc other users' processes seem not to exist, or are not to be read. The first process
 * always exists. */
static int look_at_processes(Service *service) {
        _cleanup_(membership_done) Membership membership = { 0 };
        _cleanup_(process_done) Process process = { .fd = -1 };
        int r;

        r = process_open(service->machine, 1, &process);
        if (r >= 0)
                r = process_read_membership(service->machine, &process, &membership);

        service->sees_processes = r >= 0;
        return r == -ESRCH || r == -EACCES || r == -EPERM ? 0 : r;
}

int service_try(Service *service) {
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(subject_done) Subject subject = { 0 };
        Figures figures;
        int r;

        assert(service);

        r = process_open_self(service->machine, &process);
        if (r >= 0)
                r = subject_open_process(service->machine, &process, &subject);
        if (r >= 0)
                r = figures_read(service->machine, &subject, &figures);
        return r < 0 ? r : look_at_processes(service);
}
