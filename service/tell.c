/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <assert.h>
#include <errno.h>

#include "cleanup.h"
#include "descriptors.h"
#include "failure-reply.h"
#include "figures.h"
#include "handouts.h"
#include "label.h"
#include "names.h"
#include "opened.h"
#include "tell.h"
#include "veil.h"

int tell_figures(sd_bus_message *message, const Figures *figures) {
        assert(figures);

        return sd_bus_reply_method_return(
                message, "ttt", figures->limit, figures->usage, figures->working_set);
}

int tell_memory(Service *service, sd_bus_message *message, const Subject *subject) {
        Figures figures;
        int r;

        assert(service);

        r = figures_read(service->machine, subject, &figures);
        if (r < 0)
                return r;

        return tell_figures(message, &figures);
}

int tell_available(Service *service, sd_bus_message *message, const Subject *subject) {
        _cleanup_free_ char *by = NULL;
        Effective available;
        int r;

        assert(service);

        r = available_read(service->machine, subject, &available);
        if (r >= 0)
                r = veil_show_path(service->caller, subject, available.by, &by);
        if (r < 0)
                return r;

        return sd_bus_reply_method_return(message, "ts", available.value, by);
}

int tell_unit(Service *service, sd_bus_message *message, const Subject *subject) {
        _cleanup_free_ char *path = NULL;
        int r;

        assert(service);

        r = veil_hangs(service->caller) ? 0 : label_from_control_group(subject_group(subject)->path, &path);
        if (r < 0)
                return r;

        /* A unit's name is ASCII. */
        return sd_bus_reply_method_return(message, "so", subject->unit.id, path ? path : MYMEM_SELF_PATH);
}

static int append_opened(Service *service,
                         sd_bus_message *reply,
                         const Subject *subject,
                         const OpenedGroup *group) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = veil_show_path(service->caller, subject, group->path, &path);
        if (r < 0)
                return r;

        return sd_bus_message_append(
                reply, "(stthh)", path, group->max, group->high, group->usage_fd, group->statistics_fd);
}

static int append_all_opened(Service *service,
                             sd_bus_message *reply,
                             const Subject *subject,
                             const OpenedGroups *opened) {
        _cleanup_free_ char *reported = NULL;
        int r;

        r = veil_show_path(service->caller, subject, opened->groups[opened->reported].path, &reported);
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", reported);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(stthh)");
        for (size_t i = 0; r >= 0 && i < opened->n; i++)
                r = append_opened(service, reply, subject, &opened->groups[i]);

        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int tell_opened(Service *service, sd_bus_message *message, const Subject *subject) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(opened_done) OpenedGroups opened = { 0 };
        bool on_bus;
        int r;

        assert(service);
        assert(message);

        on_bus = sd_bus_message_get_bus(message) == service->bus;

        if (descriptors_are_scarce() ||
            (on_bus && !handouts_may_have(service->handouts, service->caller->uid)))
                return -ERROR_LIMITS_EXCEEDED;
        r = opened_take(service->machine, subject, &opened);
        if (r < 0)
                return r;
        if (!veil_may_see(service->caller, subject, opened.groups[opened.n - 1].path))
                return -EOPNOTSUPP;

        r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = append_all_opened(service, reply, subject, &opened);
        if (r < 0)
                return r;

        if (on_bus)
                handouts_add(
                        service->handouts, service->caller->uid, 2 * opened.n * HANDOUTS_DESCRIPTOR_SIZE);
        return sd_bus_send(NULL, reply, NULL);
}
