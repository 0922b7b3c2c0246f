/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "failure.h"
#include "place.h"
#include "process.h"
#include "scope.h"
#include "setting.h"

/* The group of the memory hierarchy that the process is in; NULL if that is not known. */
static char *find_control_group(pid_t pid, gboolean *ret_is_v1) {
        _cleanup_(membership_done) Membership membership = { 0 };
        _cleanup_(process_done) Process process = { .fd = -1 };
        _cleanup_(machine_freep) Machine *machine = NULL;
        int r;

        r = machine_new_here(&machine);
        if (r >= 0)
                r = process_open(machine, (uint32_t) pid, &process);
        if (r >= 0)
                r = process_read_membership(machine, &process, &membership);
        if (r < 0)
                return NULL;

        *ret_is_v1 = membership.memory != NULL;
        return g_strdup(membership_memory_path(&membership));
}

static char *make_unit(const PlaceRequest *request) {
        if (!request->unit)
                return g_strdup_printf(OWN_GROUP_PREFIX "%d-%08x.scope", getpid(), g_random_int());
        if (g_str_has_suffix(request->unit, ".scope"))
                return g_strdup(request->unit);

        return g_strconcat(request->unit, ".scope", NULL);
}

/* A user manager on v1 has no memory groups to give. */
static int try_scope(const PlaceRequest *request, const pid_t *pids, Place *place, char **ret_message) {
        gboolean is_v1 = FALSE, user = request->user || geteuid() != 0;
        g_autofree char *message = NULL;
        ScopeRequest scope = {
                .user = user,
                .name = place->unit,
                .description = request->description,
                .settings = request->settings,
                .pids = pids,
                .n_pids = 2,
        };
        int r;

        g_free(find_control_group(getpid(), &is_v1));
        if (user && is_v1) {
                *ret_message = g_strdup("a user manager has no memory groups on cgroup v1");
                return -ENOTCONN;
        }

        r = scope_make(&scope, &message);
        if (r == -ENOTCONN)
                *ret_message = g_strdup_printf(
                        "%s does not answer: %s", user ? "the user manager" : "systemd", message);
        else if (r < 0)
                *ret_message = g_steal_pointer(&message);
        if (r < 0)
                return r;

        place->kind = PLACE_SCOPE;
        place->is_user = user;
        return 0;
}

int place_find(const PlaceRequest *request, pid_t holder, pid_t command, Place *ret, char **ret_message) {
        g_autofree char *no_scope = NULL, *no_group = NULL;
        pid_t pids[] = { holder, command };
        Place place = { .unit = make_unit(request), .group = OWN_GROUP_NONE };
        gboolean ignored;
        int r;

        r = try_scope(request, pids, &place, &no_scope);
        if (r < 0 && r != -ENOTCONN) {
                *ret_message = g_strdup_printf("Cannot make %s: %s", place.unit, no_scope);
                place_leave(&place);
                return r;
        }
        if (r < 0) {
                place.kind = PLACE_GROUP;
                r = own_group_make(place.unit, request->settings, pids, 2, &place.group, &no_group);
        }
        if (r < 0 && (request->settings->len > 0 || request->unit)) {
                *ret_message = g_strdup_printf(
                        "There can be no scope (%s), and no group (%s).", no_scope, no_group);
                place_leave(&place);
                return r;
        }
        if (r < 0)
                place.kind = PLACE_SHARED;

        place.reason = no_group ? g_strdup_printf("%s; no group: %s", no_scope, no_group) :
                                  g_steal_pointer(&no_scope);
        if (place.kind != PLACE_SCOPE)
                g_clear_pointer(&place.unit, g_free);
        place.control_group = find_control_group(holder, &ignored);
        *ret = place;
        return 0;
}

const char *place_kind_to_string(PlaceKind kind) {
        static const char *const names[] = {
                [PLACE_SCOPE] = "scope",
                [PLACE_GROUP] = "group",
                [PLACE_SHARED] = "shared",
        };

        return names[kind];
}

void place_leave(Place *place) {
        int r;

        r = own_group_remove(&place->group);
        if (r < 0)
                g_printerr("mymem: The control group %s stays: %s\n", place->group.name, g_strerror(-r));
        own_group_done(&place->group);
        g_clear_pointer(&place->unit, g_free);
        g_clear_pointer(&place->control_group, g_free);
        g_clear_pointer(&place->reason, g_free);
}
